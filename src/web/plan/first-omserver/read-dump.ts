import { createHash } from "node:crypto";
import { categoryName } from "../../../contract/http/schemas/fields.ts";
import type { ModuleManifest } from "../../../contract/module.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { zodFault } from "../../../contract/zod-fault.ts";
import { moduleProblems } from "../../../modules/parse.ts";
import { type CategoryPath, checkField, type ImportedFields, type ImportRow, startOf } from "../import-row.ts";
import { type DumpRemark, isReadable, type Remarks, type Table, tables, tellColumns, textIn } from "./dump-tables.ts";
import { readHtmlForm } from "./html-form.ts";
import { htmlText } from "./html-text.ts";
import { localTime } from "./local-time.ts";
import { type DumpRow, readSqlDump } from "./sql-dump.ts";

export interface DumpModule {
  readonly line: number;
  readonly oldId: number;
  readonly manifest: Omit<ModuleManifest, "id">;
}

/** A command that somebody typed on a host; `identity` tells it from every other, whichever dump it comes from. */
export interface DumpCommand {
  readonly identity: string;
  readonly address: string;
  readonly hostName: string;
  readonly loginUser: string;
  readonly typedAt: number;
  readonly receivedAt: number;
  readonly command: string;
}

export interface FirstOmserver {
  readonly functionCategories: readonly string[];
  readonly appCategories: readonly CategoryPath[];
  readonly hosts: readonly ImportRow[];
  readonly modules: readonly DumpModule[];
  readonly commands: readonly DumpCommand[];
  /** Not taken over. */
  readonly refused: readonly DumpRemark[];
  /** Taken over, with something to know. */
  readonly notes: readonly DumpRemark[];
}

const cutNameLength = 13;
const longestForm = 16_384;

export interface ReadOptions {
  /** The time zone in which the old hosts and their server showed times. */
  readonly timeZone: string;
  readonly engines: ImportedFields["engines"];
}

/** What a dump of the first OMServer's database holds. Pure; every row that is left out is named with its reason. */
export function readFirstOmserver(text: string, options: ReadOptions): FirstOmserver {
  const dump = readSqlDump(text, tables);
  const refused: DumpRemark[] = dump.faults.map((fault) => ({ ...fault, text: "" }));
  const notes: DumpRemark[] = [];
  const remarks: Remarks = {
    refuse: (table, row, shown, reason) => void refused.push({ line: row.line, table, text: startOf(shown), reason }),
    note: (table, row, shown, reason) => void notes.push({ line: row.line, table, text: startOf(shown), reason }),
  };
  if (dump.rows.size === 0 && refused.length === 0) {
    refused.push({ line: 1, table: "", text: "", reason: reasonText("dump_nothing") });
  }
  function rowsOf(table: Table): readonly DumpRow[] {
    const rows = dump.rows.get(table) ?? [];
    tellColumns(table, rows, remarks);
    return rows.filter((row) => isReadable(table, row, remarks));
  }
  const functions = readFunctionCategories(rowsOf("server_fun_categ"), remarks);
  const apps = readAppCategories(rowsOf("server_app_categ"), functions, remarks);
  const hosts = readHosts(rowsOf("server_list"), apps, options, remarks);
  const names = new Map(hosts.map((host) => [host.fields.innerAddress ?? "", host.name]));
  return {
    functionCategories: [...new Set(functions.values())],
    appCategories: [...apps.values()],
    hosts,
    modules: readModules(rowsOf("module_list"), remarks),
    commands: readCommands(rowsOf("server_history"), names, options.timeZone, remarks),
    refused: refused.sort((left, right) => left.line - right.line),
    notes: notes.sort((left, right) => left.line - right.line),
  };
}

function readFunctionCategories(rows: readonly DumpRow[], remarks: Remarks): Map<string, string> {
  const found = new Map<string, string>();
  for (const row of rows) {
    const name = textIn(row, "server_categ_name");
    const problem = categoryProblem(name);
    if (problem === undefined) found.set(textIn(row, "id"), name);
    else remarks.refuse("server_fun_categ", row, name, problem);
  }
  return found;
}

function readAppCategories(
  rows: readonly DumpRow[],
  functions: ReadonlyMap<string, string>,
  remarks: Remarks,
): Map<string, CategoryPath> {
  const found = new Map<string, CategoryPath>();
  for (const row of rows) {
    const name = textIn(row, "app_categ_name");
    const functionCategory = functions.get(textIn(row, "server_categ_id"));
    const problem =
      functionCategory === undefined
        ? reasonText("dump_no_function", { id: textIn(row, "server_categ_id") })
        : categoryProblem(name);
    if (problem === undefined && functionCategory !== undefined) {
      found.set(textIn(row, "id"), { functionCategory, appCategory: name });
    } else {
      remarks.refuse("server_app_categ", row, name, problem ?? "");
    }
  }
  return found;
}

function categoryProblem(name: string): string | undefined {
  const result = categoryName.safeParse(name);
  if (result.success) return undefined;
  return reasonText("dump_category_name", {
    name: startOf(name),
    fault: result.error.issues[0] === undefined ? reasonText("is_not_valid") : zodFault(result.error.issues[0]),
  });
}

function readHosts(
  rows: readonly DumpRow[],
  apps: ReadonlyMap<string, CategoryPath>,
  options: ReadOptions,
  remarks: Remarks,
): ImportRow[] {
  const hosts: ImportRow[] = [];
  for (const row of rows) {
    const name = textIn(row, "server_name");
    const category = apps.get(textIn(row, "server_app_id"));
    if (category === undefined) {
      const reason = reasonText("dump_no_app", { id: textIn(row, "server_app_id") });
      remarks.refuse("server_list", row, name, reason);
      continue;
    }
    const checked = {
      name: checkField("name", name),
      outerAddress: checkField("outerAddress", textIn(row, "server_wip")),
      innerAddress: checkField("innerAddress", textIn(row, "server_lip")),
      os: checkField("os", textIn(row, "server_op")),
    };
    const [column, problem] =
      Object.entries(checked).flatMap(([field, result]) => ("problem" in result ? [[field, result.problem]] : []))[0] ??
      [];
    if (problem !== undefined) {
      remarks.refuse("server_list", row, name, reasonText("dump_host_field", { column: column ?? "", fault: problem }));
      continue;
    }
    if (name.length === cutNameLength) {
      const reason = reasonText("dump_name_cut", { count: cutNameLength });
      remarks.note("server_list", row, name, reason);
    }
    hosts.push({
      line: row.line,
      column: 1,
      name,
      fields: {
        outerAddress: textIn(row, "server_wip"),
        innerAddress: textIn(row, "server_lip"),
        os: textIn(row, "server_op"),
        engines: options.engines,
      },
      category,
    });
  }
  return hosts;
}

function readModules(rows: readonly DumpRow[], remarks: Remarks): DumpModule[] {
  const modules: DumpModule[] = [];
  for (const row of rows) {
    const id = textIn(row, "id");
    const name = htmlText(textIn(row, "module_name"));
    const html = row.values.get("module_extend") ?? "";
    if (!/^[0-9]{1,9}$/.test(id)) {
      remarks.refuse("module_list", row, name, reasonText("dump_module_number", { id: startOf(id) }));
      continue;
    }
    if (html.length > longestForm) {
      remarks.refuse(
        "module_list",
        row,
        name,
        reasonText("dump_form_long", { count: longestForm.toLocaleString("en") }),
      );
      continue;
    }
    const form = readHtmlForm(html);
    for (const note of form.notes) remarks.note("module_list", row, name, reasonText("dump_form_note", { note }));
    const manifest = manifestOf(id, name, htmlText(row.values.get("module_caption") ?? ""), form);
    const problems = [
      ...form.problems,
      ...moduleProblems(JSON.stringify(manifest)).map((problem) => `${problem.place}: ${problem.message}`),
    ];
    if (problems.length > 0) {
      remarks.refuse(
        "module_list",
        row,
        name,
        reasonText("dump_form_left", { faults: problems.slice(0, 5).join("; ") }),
      );
      continue;
    }
    modules.push({ line: row.line, oldId: Number(id), manifest });
  }
  return modules;
}

/** Runs by the old controllers, which know what the number means; nobody else does. */
function manifestOf(
  id: string,
  name: string,
  caption: string,
  form: ReturnType<typeof readHtmlForm>,
): Omit<ModuleManifest, "id"> {
  const shown = name === "" ? `Mid_${id}` : name;
  const parameters = Object.keys(form.properties);
  return {
    key: `omserver-v1-${id}`,
    name: { zh: shown, en: shown },
    description: { zh: caption, en: caption },
    // What it does is not in the dump.
    danger: "change",
    parameters: { type: "object", properties: form.properties, required: form.required },
    run: {
      engines: {
        "omserver-v1": {
          kind: "native",
          name: `Mid_${id}`,
          arguments: Object.fromEntries(parameters.map((parameter) => [parameter, { parameter }])),
          positional: parameters,
        },
      },
    },
  };
}

function readCommands(
  rows: readonly DumpRow[],
  names: ReadonlyMap<string, string>,
  timeZone: string,
  remarks: Remarks,
): DumpCommand[] {
  const commands: DumpCommand[] = [];
  for (const row of rows) {
    const address = textIn(row, "history_ip");
    const command = row.values.get("history_command") ?? "";
    const typed = textIn(row, "history_datetime");
    const received = textIn(row, "db_datetime");
    const typedAt = localTime(typed, timeZone);
    if (typedAt === undefined) {
      remarks.refuse("server_history", row, command, reasonText("dump_no_time", { text: startOf(typed) }));
      continue;
    }
    const loginUser = textIn(row, "history_user");
    const parts = [textIn(row, "id"), textIn(row, "history_id"), address, loginUser, typed, command];
    commands.push({
      identity: createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32),
      address,
      hostName: names.get(address) ?? "",
      loginUser,
      typedAt,
      receivedAt: localTime(received, timeZone) ?? typedAt,
      command,
    });
  }
  return commands;
}
