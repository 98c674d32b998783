import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { Command, CommanderError } from "commander";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mysqldumpDump, phpMyAdminDump } from "../../test/testkit/first-omserver-dump.ts";
import { type Running, startOmserver } from "../daemon/compose.ts";
import { readConfig } from "../daemon/config.ts";
import { createApiToken } from "../web/http/sign-in-links.ts";
import { addClientCommands } from "./client-commands.ts";
import { exitCodes } from "./exit-codes.ts";
import type { CliIo } from "./io.ts";
import { ownFlags } from "./runs/module-flags.ts";

/** The real commands against a real server, whose hosts are this machine by the local engine. */

const folder = mkdtempSync(join(tmpdir(), "omserver-cli-"));
const home = join(folder, "home");
let running: Running;

beforeAll(async () => {
  const config = readConfig({}, undefined, {
    dataFolder: join(folder, "data"),
    listen: "127.0.0.1:0",
    logLevel: "error",
  });
  running = await startOmserver({ config, log: pino({ level: "silent" }) });
  const link = await running.setupLink();
  const mistyped = { answers: ["root", "correct horse battery", "corect horse battery"] };
  expect(await cli(["login", link ?? ""], mistyped)).toMatchObject({
    code: 1,
    err: expect.stringContaining("The two passwords differ. Nothing was done."),
  });
  const first = await cli(["login", link ?? ""], {
    answers: ["root", "correct horse battery", "correct horse battery"],
  });
  expect(first.err).toBe("Name of the first administrator: Password, at least 12 characters: Password, once more: ");
  expect(first.code).toBe(0);
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

interface Person {
  /** What is typed, in turn; without, nobody can be asked. */
  readonly answers?: readonly string[];
  readonly input?: string;
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told when a command listens for Ctrl-C. */
  readonly onListening?: (interrupt: () => void) => void;
}

async function cli(words: readonly string[], person: Person = {}): Promise<Ended> {
  const out: Uint8Array[] = [];
  const answers = [...(person.answers ?? [])];
  const ended = { err: "", code: 0 };
  const io: CliIo = {
    environment: { HOME: home, ...person.environment },
    outIsTerminal: person.terminal === true,
    errIsTerminal: person.terminal === true,
    canAsk: person.answers !== undefined,
    columns: () => 100,
    rows: () => 30,
    async out(data) {
      out.push(Buffer.from(data));
    },
    err(text) {
      ended.err += text;
    },
    readInput: async () => Buffer.from(person.input ?? ""),
    async ask(question) {
      ended.err += question;
      return answers.shift() ?? "";
    },
    onInterrupt(handler) {
      person.onListening?.(handler);
      return () => undefined;
    },
    setExitCode(code) {
      ended.code = code;
    },
  };
  const program = new Command("omserver").exitOverride().configureOutput({
    writeErr: io.err,
    writeOut: (text) => void io.out(text),
  });
  addClientCommands(program, io);
  try {
    await program.parseAsync(["node", "omserver", ...words]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    ended.code = error.exitCode === 0 ? 0 : 2;
  }
  return { ...ended, out: Buffer.concat(out).toString("utf8") };
}

/** The API token of `bob`, who is one besides `root`. */
async function anotherAdministrator(): Promise<string> {
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  const bob = await running.store.users.create({ name: "bob", role: "administrator", scope, passwordHash: "" });
  return createApiToken(running.store, bob.id, "test");
}

async function json(words: readonly string[], person?: Person): Promise<unknown> {
  const ended = await cli([...words, "--json"], person);
  expect(ended.err).toBe("");
  return JSON.parse(ended.out);
}

const csv = `name,category,inner_address,engine,tags,os
web01,Linux.Web/bbs,127.0.0.1,local,prod,Debian 12
web02,Linux.Web/bbs,127.0.0.1,local,prod,Debian 12
web03,Linux.Web/www,127.0.0.1,local,,Rocky 9
db1,数据库/订单,,local,,Debian 12
`;

describe("signing in", () => {
  it("keeps the token for its owner alone, and the server's address", () => {
    const path = join(home, ".config/omserver/client.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      server: running.url,
      token: expect.stringMatching(/^om_/),
    });
  });

  it("takes name and password, and says when they are wrong", async () => {
    const environment = { HOME: join(folder, "other") };
    const wrong = await cli(["login", running.url], { answers: ["root", "nothing like it"], environment });
    expect(wrong).toMatchObject({ out: "", code: 1 });
    expect(wrong.err).toContain("Name or password is wrong");

    const right = await cli(["login", running.url], { answers: ["root", "correct horse battery"], environment });
    expect(right.out).toContain(`Signed in to ${running.url} as root (administrator).`);
    expect((await cli(["logout"], { environment })).out).toBe(`Signed out of ${running.url}.\n`);
    expect(JSON.parse((await cli(["logout", "--json"], { environment })).err)).toMatchObject({
      code: "access.not_signed_in",
    });
    expect((await cli(["hosts", "list"], { environment })).err).toContain("You are not signed in");
  });

  it.each([
    ["no address", ["login", "ftp://x"], "is not the address of a server"],
    ["nobody there", ["login", "http://127.0.0.1:1"], "did not answer"],
    ["a bad token", ["login", "URL", "--token", "om_nothing"], "omserver:"],
    ["nobody to ask", ["login", "URL"], "Nobody can be asked"],
  ])("refuses %s", async (_, words, message) => {
    const ended = await cli(
      words.map((word) => (word === "URL" ? running.url : word)),
      { environment: { HOME: "/nowhere" } },
    );
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(message);
  });

  it("sends a stored token to no other server", async () => {
    const ended = await cli(["hosts", "list", "--server", "http://127.0.0.2:1"]);
    expect(ended.err).toContain("You are not signed in to http://127.0.0.2:1");
  });

  it("refuses a file of settings that others can read", async () => {
    const environment = { XDG_CONFIG_HOME: join(folder, "open") };
    const login = await cli(["login", running.url], { answers: ["root", "correct horse battery"], environment });
    expect(login.code).toBe(0);
    const path = join(folder, "open/omserver/client.json");
    writeFileSync(join(folder, "copy.json"), readFileSync(path), { mode: 0o644 });
    rmSync(path);
    writeFileSync(path, readFileSync(join(folder, "copy.json")), { mode: 0o644 });
    expect((await cli(["hosts", "list"], { environment })).err).toContain(`chmod 600 ${path}`);
  });
});

describe("hosts", () => {
  it("are imported after a preview, listed, matched, changed and exported", async () => {
    const file = join(folder, "hosts.csv");
    writeFileSync(file, csv);
    const preview = await cli(["hosts", "import", file, "--preview"]);
    expect(preview.out).toContain("Would be: 4 added, 0 changed, 0 unchanged, 0 refused. Nothing was written.");
    expect((await json(["hosts", "import", file])) as object).toMatchObject({ applied: true });

    expect((await cli(["hosts", "match", "Linux.Web"])).out).toBe("web[01-03]\n");
    expect((await cli(["hosts", "list", "os=Debian*"])).out).toMatch(/db1 +数据库\/订单.*web01.*web02/s);

    const edited = await cli(["hosts", "edit", "web03", "--tag", "lab", "--tag", "x", "--note", "n"]);
    expect(edited.out).toBe("Changed 1 host.\n");
    expect((await cli(["hosts", "show", "web03"])).out).toMatch(/tags +lab x/);
    const retag = ["hosts", "edit", "web03", "--add-tag", "new", "--remove-tag", "x"];
    expect((await cli([...retag, "--preview"])).out).toBe(
      "add tags: new (besides lab, x (1)) on 1 host\nremove tags: x (of lab, x (1)) on 1 host\nWould change 1 host (web03), 0 unchanged. Nothing was written.\n",
    );
    expect((await cli(retag)).out).toBe("Changed 1 host.\n");
    expect((await cli(["hosts", "show", "web03"])).out).toMatch(/tags +lab new/);
    await cli(["hosts", "edit", "web03", "--tag", "lab", "--tag", "x"]);
    const unclaim = ["hosts", "edit", "web03", "--claim", "no"];
    expect((await cli([...unclaim, "--preview"])).out).toContain("claim: yes (1) → no on 1 host");
    expect((await cli(unclaim)).out).toBe("Changed 1 host.\n");
    expect((await cli(["hosts", "show", "web03"])).out).toMatch(/claim +no/);

    await cli(["hosts", "edit", "web03", "--user", "ops", "--zone", "bj", "--proxy-jump", "gate"]);
    const emptied = ["hosts", "edit", "web03", "--user", "", "--zone", "", "--proxy-jump", ""];
    expect((await cli([...emptied, "--preview"])).out).toMatch(/user: ops \(1\) → –.*zone: bj \(1\) → –/s);
    expect((await cli(emptied)).out).toBe("Changed 1 host.\n");

    const exported = await cli(["hosts", "export"]);
    expect(exported.out).toContain("web03,Linux.Web,www,,127.0.0.1,22,Rocky 9,local,,,,,lab;x,yes,no,n\r\n");
    const again = await cli(["hosts", "import", "-"], { input: exported.out });
    expect(again.out).toContain("0 added, 0 changed, 4 unchanged, 0 refused.");
  });

  it("are not imported while a row is refused, unless it is to be skipped", async () => {
    const input = "name,category,port\nnew1,A/B,22\n-x,A/B,22\n";
    const refused = await cli(["hosts", "import", "-"], { input });
    expect(refused).toMatchObject({ code: 3, err: "" });
    expect(refused.out).toContain("3:1: refused: name: must begin with a letter or digit");
    expect(refused.out).toContain("Nothing was written: 1 row refused.");
    expect((await cli(["hosts", "import", "-", "--skip-refused"], { input })).code).toBe(0);
    expect((await cli(["hosts", "remove", "new1", "--yes-hosts", "1"])).out).toBe("Deleted 1 host.\n");
  });

  it("are imported from an OpenSSH ssh_config under any name", async () => {
    const input = "# fleet\nServerAliveInterval 60\n\nHost from-ssh\n  HostName 192.0.2.7\n";
    const words = ["hosts", "import", "-", "--category", "A/B", "--preview"];
    expect((await cli(words, { input })).out).toContain("4: + from-ssh\n");
    expect((await cli([...words, "--format", "csv"], { input })).out).toContain("refused");
  });

  it("are added, and several are changed or deleted only when their number is confirmed", async () => {
    const added = await cli(["hosts", "add", "tmp1", "--category", "Tmp/one", "--make-category", "--engine", "local"]);
    expect(added.out).toMatch(/^Added tmp1 \(\d+\)\.\n$/);
    await cli(["hosts", "add", "tmp2", "--category", "Tmp/one", "--engine", "local"]);
    expect((await cli(["hosts", "edit", "tmp*", "--port", "2222"])).code).toBe(6);
    expect((await cli(["hosts", "edit", "tmp*", "--port", "2222", "--yes-hosts", "3"])).err).toContain(
      "Change port on 2 hosts, not 3. Nothing was done.",
    );
    expect((await cli(["hosts", "remove", "tmp*"])).err).toBe(
      "omserver: Delete 2 hosts from the inventory: to confirm, add --yes-hosts 2.\n",
    );
    expect((await cli(["hosts", "edit", "tmp*", "--port", "2222"], { answers: ["2"] })).out).toBe("Changed 2 hosts.\n");
    expect(await cli(["hosts", "remove", "tmp*"], { answers: ["yes"] })).toMatchObject({ code: 6, out: "" });
    expect((await cli(["hosts", "remove", "tmp*"], { answers: ["2"] })).out).toBe("Deleted 2 hosts.\n");
    expect((await cli(["hosts", "remove", ""], { answers: ["4"] })).code).toBe(2);
  });

  it("are refused with the place of the mistake", async () => {
    const syntax = await cli(["hosts", "match", "web01 db1"]);
    expect(syntax).toMatchObject({ code: 1, out: "" });
    expect(syntax.err).toBe("omserver: Column 7 of the query: found “db1”, expected “and”, “or”, “,” or the end.\n");
    const asJson = await cli(["hosts", "match", "wbe01", "--json"]);
    expect(JSON.parse(asJson.err)).toMatchObject({ code: "query.unknown_name", problems: [{ place: "1:1" }] });
    expect((await cli(["hosts", "show", "nobody"])).err).toContain("no host");
    expect((await cli(["hosts", "list", "--limit", "x"])).code).toBe(2);
    const add = ["hosts", "add", "web04", "--category", "Linux.Web/www"];
    expect((await cli([...add, "--inner-address", "a;b"])).err).toBe(
      "omserver: inner address: must be an IPv4 or IPv6 address or a DNS name\n",
    );
    expect((await cli([...add, "--inner-address", "a;b", "--user", "-x"])).err).toBe(
      "omserver: inner address: must be an IPv4 or IPv6 address or a DNS name\n  user: must be a user name\n",
    );
    expect((await cli(["hosts", "import", "/nowhere.csv"])).err).toContain("cannot be read: there is none");
  });

  it("have their SSH key forgotten", async () => {
    expect(await cli(["hosts", "forget-key", "web01"])).toMatchObject({
      out: "Forgot the SSH key of web01.\n",
      code: 0,
    });
    expect((await cli(["hosts", "forget-key", "nobody"])).code).toBe(1);
    expect((await cli(["audit", "list"])).out).toMatch(/host\.forget_key +host web01/);
  });

  it("are tested", async () => {
    const tested = await cli(["hosts", "test", "web01"]);
    expect(tested.out).toContain("web01");
    expect([0, 3]).toContain(tested.code);
  });
});

describe("a run", () => {
  it("of a command folds identical answers and ends with 0 when all are well", async () => {
    const ended = await cli(["run", "--query", "Linux.Web", "--", "printf", "%s\\n", "a b", "$(id)"]);
    expect(ended.out).toBe("web[01-03] (3 hosts): ok\na b\n$(id)\n\n");
    expect(ended.err).toContain("Ad hoc (change) on 3 hosts: web[01-03]");
    expect(ended.err).toContain("3 of 3 done: 3 ok");
    expect(ended.code).toBe(0);
  });

  it("says before the start where nothing can run because the engine is not there", async () => {
    await cli(["hosts", "add", "salty1", "--category", "Linux.Web/www", "--make-category", "--engine", "salt"]);
    await cli(["hosts", "add", "salty2", "--category", "Linux.Web/www", "--engine", "salt", "--engine", "local"]);

    const shown = await cli(["run", "--query", "salty1,salty2", "--dry-run", "--", "true"]);
    const ended = await cli(["run", "--query", "salty1,salty2", "--", "true"]);

    expect(shown.out).toMatch(/^Will not run: salty1, by salt: It is not switched on\. Add engines\.salt /m);
    expect(ended.err).toContain("Will not run: salty1, by salt: ");
    expect(ended.out).toContain("salty2 (1 host): ok");
    await cli(["hosts", "remove", "salty1,salty2", "--yes-hosts", "2"]);
  });

  it("says before the start for whom hosts wait", async () => {
    const add = ["hosts", "add", "far1", "--category", "Linux.Web/www", "--engine", "local", "--zone", "far"];
    expect((await cli(add)).code).toBe(0);

    const shown = await cli(["run", "--query", "far1,web01", "--dry-run", "--", "true"]);
    const ended = await cli(["run", "--query", "far1,web01", "--detach", "--", "true"]);

    const waits = "It waits for a controller of the zone far, which has none (1 host)";
    expect(shown.out.split("\n")).toContain(waits);
    expect(ended.err.split("\n")).toContain(waits);
    await cli(["runs", "cancel", ended.out.trim()]);
    await cli(["runs", "show", ended.out.trim(), "--watch"]);
    expect((await cli(["hosts", "remove", "far1", "--yes-hosts", "1"])).code).toBe(0);
  });

  it("of a command is shown without a version, as it has none", async () => {
    const started = await cli(["run", "--query", "web01", "--detach", "--", "true"]);
    const shown = await cli(["runs", "show", started.out.trim(), "--watch"]);
    expect(shown.code).toBe(0);
    expect((await cli(["runs", "show", started.out.trim()])).out).not.toContain("version 0");
  });

  it("tells failures apart and ends with 3", async () => {
    const script = "echo out; echo err >&2; exit 3";
    const ended = await cli(["run", "--query", "web01", "--script", "-"], { input: script });
    expect(ended.out).toContain("web01 (1 host): failed, exit 3\n");
    expect(ended.out).toContain("\nout\nstderr:\nerr\n");
    expect(ended.code).toBe(3);

    const asJson = await cli(["run", "web01", "--json", "--", "/bin/sh", "-c", script]);
    expect(JSON.parse(asJson.out)).toMatchObject({
      run: { state: "failed" },
      groups: [{ hosts: "web01", exitCode: 3, stdout: "out\n", stderr: "err\n" }],
    });
  });

  it("of a module takes flags from its JSON Schema", async () => {
    const shown = await cli(["modules", "show", "1001"]);
    const flag = /--([a-z-]+) <integer>/.exec(shown.out)?.[1];
    expect(flag).toBeDefined();
    const key = /omserver run (\S+) QUERY/.exec(shown.out)?.[1] ?? "";

    const ended = await cli(["run", "1001", "web01", `--${flag}`, "1"]);
    expect(ended.err).toContain(`Module ${key} (1001, read) on 1 host: web01\n`);
    const dry = await cli(["run", key, "web01", `--${flag}`, "7", "--dry-run"]);
    expect(dry.out).toContain("1 host: web01");
    expect(dry.out).toMatch(/\b7\b/);
    const wrong = await cli(["run", key, "web01", "--nothing-like-it", "7"]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain(`--${flag} <integer>`);
    expect((await cli(["run", key, "web01", `--${flag}`, "many"])).err).toContain("must be a number");
    expect((await cli(["run", "no-such-module", "web01"])).err).toContain("There is no module “no-such-module”");
  });

  it("shows hostile output as text", async () => {
    const hostile = "\\033]0;title\\007\\033]8;;http://evil\\007x\\033[2J\\033[31mred\\033[0m\\r\\n";
    const ended = await cli(["run", "--query", "web01", "--", "/usr/bin/printf", hostile], { terminal: true });
    const shown = ended.out.slice(ended.out.indexOf("\n") + 1);
    expect(shown).toContain("\\x1b]0;title\\x07\\x1b]8;;http://evil\\x07x\\x1b[2J\u001b[31mred\u001b[0m\n");
  });

  it("is detached, shown, exported, its bytes are exact, and it runs again", async () => {
    const { out } = await cli(["run", "--query", "web01,web02", "--detach", "--", "/usr/bin/printf", "a\\000\\377"]);
    const run = out.trim();
    expect(run).toMatch(/^\d+$/);
    const watched = await cli(["runs", "show", run, "--watch"]);
    expect(watched.out).toContain("a\\x00\uFFFD");

    const shown = await cli(["runs", "show", run]);
    expect(shown.out).toMatch(/2 +ok +web\[01-02\]/);
    const bytes = (await json(["runs", "output", run, "web02"])) as { base64: string };
    expect(Buffer.from(bytes.base64, "base64")).toEqual(Buffer.from([0x61, 0, 0xff]));
    expect((await cli(["runs", "export", run, "--format", "csv"])).out).toContain("web01");
    expect((await cli(["runs", "list"])).out).toMatch(new RegExp(`\\n${run} +command +succeeded`));

    const again = await cli(["runs", "rerun", run, "--on", "all"]);
    expect(again.code).toBe(0);
    expect((await cli(["runs", "rerun", run])).err).toContain("No host of run");
    expect((await cli(["runs", "show", "x"])).code).toBe(2);
  });

  it("shows one host's share of it, and says what was cut", async () => {
    const words = ["run", "--query", "web01", "--", "sh", "-c", "head -c 1100000 /dev/zero | tr '\\0' x; echo e >&2"];
    const ended = await cli(words);
    expect(ended.out).toMatch(/\[Cut at the limit: it printed 1,100,000 bytes of stdout and 2 bytes of stderr\.\]\n/);
    const run = /^Run (\d+) /m.exec(ended.err)?.[1] ?? "";

    expect((await cli(["runs", "show", run])).out).toContain("Cut at the limit");
    const shown = await cli(["runs", "show", run, "web01"]);
    expect(shown.out).toMatch(/^host +web01$[\s\S]*^engine +local$[\s\S]*^state +ok$/m);
    expect(await json(["runs", "show", run, "web01"])).toMatchObject({ output: "truncated", notices: [] });
    expect((await cli(["runs", "show", run, "nobody"])).err).toContain(`Run ${run} has no host “nobody”.`);
  });

  it("waits for a second person where the policy says so: approved it runs, rejected it does not", async () => {
    const { settings } = running.store;
    await settings.set("setting.approvalFor", "change");
    await settings.set("setting.confirmAboveHosts", 1);
    try {
      const two = ["run", "--query", "web01,web02", "--yes-hosts", "2", "--detach", "--", "/usr/bin/printf", "done"];
      const [first, second] = [await cli(two), await cli(two)];
      const [run, other] = [first.out.trim(), second.out.trim()];
      expect(first.err).toContain(
        `Run ${run} waits for a second person who may run this module on these hosts, until `,
      );
      expect(first.err).toContain(`omserver runs approve ${run}`);
      expect((await cli(["runs", "approve", run, "--yes-hosts", "2"])).err).toContain(`Run ${run} is your own`);
      expect((await cli(["runs", "list"])).out).toMatch(
        new RegExp(`\\n${run} +command +awaiting_approval .*second person`),
      );

      const OMSERVER_TOKEN = await anotherAdministrator();
      const bob = { environment: { OMSERVER_TOKEN } };
      expect(await cli(["runs", "approve", run], bob)).toMatchObject({ code: 6 });
      expect((await json(["runs", "list", "--for-me"], bob)) as object[]).toMatchObject([{ id: +other }, { id: +run }]);
      const approved = await cli(["runs", "approve", run], { ...bob, answers: ["2"] });
      expect(approved.err).toContain(`Run ${run}, asked for by root: `);
      expect(approved.out).toContain(`Run ${run} is approved and queued.`);
      const rejected = await cli(["runs", "reject", other, "--comment", "not today"], bob);
      expect(rejected.out).toBe(`Run ${other} is rejected.\n`);

      expect(await cli(["runs", "show", run, "--watch"])).toMatchObject({ code: 0 });
      expect((await cli(["runs", "show", run])).out).toContain("approved by bob");
      const shown = await cli(["runs", "show", other]);
      expect(shown.code).toBe(exitCodes.notApproved);
      expect(shown.out).toContain("rejected by bob: not today");
      expect((await cli(["runs", "approve", other], bob)).err).toContain(`Run ${other} no longer waits`);
    } finally {
      await settings.set("setting.approvalFor", "nobody");
      await settings.set("setting.confirmAboveHosts", 50);
    }
  });

  it("is cancelled by Ctrl-C, and what ran is ended", async () => {
    const ended = await cli(["run", "--query", "web01", "--", "/bin/sleep", "600"], {
      onListening: (interrupt) => interrupt(),
    });
    expect(ended.err).toContain("Cancelling run");
    expect(ended.code).toBe(5);
    expect(ended.out).toMatch(/web01 \(1 host\): (?:cancelled|not started)/);
  });

  it("is left by a second Ctrl-C", async () => {
    const ended = await cli(["run", "--query", "web01", "--", "/bin/sleep", "600"], {
      onListening(interrupt) {
        interrupt();
        interrupt();
      },
    });
    expect(ended.code).toBe(130);
    expect(ended.err).toContain("goes on by itself");
  });

  it("of something destructive or large waits for its confirmation", async () => {
    const settings = { confirmAboveHosts: 1 };
    const { token } = JSON.parse(readFileSync(join(home, ".config/omserver/client.json"), "utf8")) as { token: string };
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const address = `${running.url}/api/v1/settings`;
    const changed = await fetch(address, { method: "PATCH", headers, body: JSON.stringify(settings) });
    expect(changed.status).toBe(200);

    const words = ["run", "--query", "web01,web02", "--", "true"];
    expect(await cli(words)).toMatchObject({ code: 6, out: "", err: expect.stringContaining("--yes-hosts 2") });
    expect((await cli(words, { answers: ["2"] })).code).toBe(0);
    expect((await cli(words, { answers: ["3"] })).code).toBe(6);
    const yes = ["run", "--query", "web01,web02", "--yes-hosts", "2", "--", "true"];
    expect((await cli(yes)).code).toBe(0);
  });

  it.each([
    [["run"]],
    [["run", "only-a-module"]],
    [["run", "m", "q", "too-many"]],
    [["run", "--query", "q", "--script", "x", "--", "true"]],
    [["run", "a", "b", "--", "true"]],
  ])("%j is wrong usage", async (words) => {
    const ended = await cli(words);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("Write: omserver run");
  });

  it("of no command is wrong usage", async () => {
    expect(await cli(["run", "--query", "q", "--"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("No command"),
    });
  });
});

describe("settings", () => {
  it("are listed and set by their names, and refused with what they take", async () => {
    expect((await cli(["settings", "list"])).out).toMatch(/^hostKeyPolicy +strict$/m);
    expect((await cli(["settings", "list"])).out).toMatch(/^keepRunsDays +ever$/m);

    const policy = await cli(["settings", "set", "hostKeyPolicy", "accept_new"]);
    expect(policy).toMatchObject({ code: 0, out: "hostKeyPolicy is accept_new.\n" });
    expect(JSON.parse((await cli(["settings", "set", "runWidth", "64", "--json"])).out)).toMatchObject({
      runWidth: 64,
    });

    expect((await cli(["settings", "set", "hostKeyPolicy", "never"])).err).toContain("one of strict, accept_new");
    expect((await cli(["settings", "set", "runWidth", "many"])).code).toBe(1);
    const none = await cli(["settings", "set", "__proto__", "1"]);
    expect(none).toMatchObject({
      code: 2,
      err: expect.stringContaining("“__proto__” is no setting. The settings are host"),
    });
    await cli(["settings", "set", "hostKeyPolicy", "strict"]);
    await cli(["settings", "set", "runWidth", "256"]);
  });

  it("that delete runs want the number of those confirmed", async () => {
    const old = await cli(["run", "--query", "web01", "--json", "--", "true"]);
    await cli(["run", "--query", "web01", "--", "true"]);
    const database = new Sqlite(join(folder, "data", "omserver.db"));
    const tenDaysAgo = Date.now() - 10 * 86_400_000;
    database.prepare("update run set finished_at = ? where id = ?").run(tenDaysAgo, JSON.parse(old.out).run.id);
    database.close();

    const set = ["settings", "set", "keepRunsDays", "7"];
    const asked = await cli(set);
    expect(asked).toMatchObject({ code: 6, err: "omserver: Delete 1 run: to confirm, add --yes-runs 1.\n" });
    expect((await cli([...set, "--yes-runs", "2"])).code).toBe(6);
    expect(await cli([...set, "--yes-runs", "1"])).toMatchObject({ code: 0, out: "keepRunsDays is 7.\n" });
    expect((await cli(["settings", "set", "keepRunsDays", "ever"])).out).toBe("keepRunsDays is ever.\n");
  });
});

describe("the rest", () => {
  it("lists, checks and adds modules", async () => {
    expect((await cli(["modules", "list"])).out).toContain("1007");
    const bad = await cli(["modules", "add", "-", "--check"], { input: "key: x\n" });
    expect(bad.code).toBe(3);
    expect(bad.out).toMatch(/^-:/m);
    const manifest = (await cli(["modules", "show", "1003", "--source"])).out
      .replace(/^id:.*\n/m, "")
      .replace(/^key:.*$/m, "key: my-version");
    expect((await cli(["modules", "add", "-"], { input: manifest })).out).toBe("my-version (2001) is version 1 now.\n");
    const replaced = await cli(["modules", "add", "-", "--replace", "my-version"], {
      input: manifest.replace(/^danger:.*$/m, "danger: change"),
    });
    expect(replaced.out).toBe("my-version (2001) is version 2 now.\n");
  });

  it("hands a module on as a file: exported, looked at, imported as a new one and as a new version", async () => {
    const file = join(folder, "handed-on.yaml");
    expect((await cli(["modules", "export", "1003", "--output", file])).code).toBe(0);
    expect(await cli(["modules", "export", "1003", "--output", file])).toMatchObject({
      code: 1,
      err: expect.stringContaining("it is there already"),
    });
    const text = readFileSync(file, "utf8");
    expect((await cli(["modules", "export", "1003"])).out).toBe(text);
    expect((await cli(["modules", "import", file])).out).toContain("is version 1 already");

    const own = text.replace(/^key:.*$/m, "key: handed-on");
    const load = (input: string, ...more: string[]) => cli(["modules", "import", "-", ...more], { input });
    expect((await load(own, "--preview")).out).toBe("Would add handed-on. Nothing was written.\n");
    expect((await load(own)).out).toMatch(/^handed-on \(2\d+\) is added as version 1\.\n$/);
    expect((await load(own.replace(/^danger:.*$/m, "danger: change"))).out).toMatch(
      /is version 2 now; it was version 1/,
    );
    const bad = await load(own.replace(/^danger:.*$/m, "danger: maybe"));
    expect([bad.code, bad.out]).toEqual([3, expect.stringMatching(/^-:\d+:\d+: danger: must be/)]);
    expect((await load(text.replace(/^danger:.*$/m, "danger: change"))).code).toBe(3);
  });

  it("adds users by one-time links, and disables them", async () => {
    const added = await cli(["users", "add", "olga", "--role", "operator", "--category", "Linux.Web"]);
    expect(added.out).toMatch(/sign-in#token=/);
    const environment = { HOME: join(folder, "olga") };
    // The server was told to listen at any port, so only it knows the one in the link.
    const link = added.out.trim().replace(/^.*(?=\/sign-in)/, running.url);
    expect((await cli(["login", link], { environment })).out).toContain("as olga (operator)");
    expect((await cli(["hosts", "match", "all"], { environment })).out).toBe("web[01-03]\n");
    expect((await cli(["audit", "list"], { environment })).code).toBe(1);
    expect((await cli(["users", "list"])).out).toMatch(/olga +operator +1 categories/);
    expect((await cli(["users", "disable", "olga"])).out).toBe("olga is disabled.\n");
    expect((await cli(["hosts", "list"], { environment })).code).toBe(1);
    expect((await cli(["users", "link", "nobody"])).err).toContain("There is no user “nobody”");
  });

  it("reads and verifies the audit", async () => {
    expect((await cli(["audit", "list", "--action", "run.start"])).out).toMatch(/root +127\.0\.0\.1 +run\.start/);
    expect((await cli(["audit", "verify"])).out).toMatch(/records verified\. Last hash: [0-9a-f]{64}/);
  });

  it("makes and revokes tokens", async () => {
    const { out } = await cli(["tokens", "create", "for a script", "--days", "1"]);
    const person = { environment: { OMSERVER_URL: running.url, OMSERVER_TOKEN: out.trim(), HOME: "/nowhere" } };
    const tokens = (await json(["tokens", "list"], person)) as { id: number; name: string }[];
    const made = tokens.find(({ name }) => name === "for a script");
    expect((await cli(["tokens", "revoke", String(made?.id)])).out).toContain("is revoked");
    expect((await cli(["tokens", "list"], person)).code).toBe(1);
  });

  it("does not revoke the controller of the server's own process, for which there is no invitation back", async () => {
    const refused = await cli(["controller", "revoke", "main"]);

    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("“main” runs in the web server's own process");
    expect((await running.store.controllers.get("main"))?.state).toBe("enabled");
  });

  it("tells how controllers stand, drains one and lets it go on", async () => {
    const engine = {
      id: "salt",
      usable: false,
      version: "",
      reason: "No master runs here.",
      mend: "Start it.",
      warning: "",
    };
    await running.store.controllers.ensure("bj-1", "bj");
    await running.store.controllers.seen("bj-1", Date.now(), {
      version: "1.0.0",
      engines: [engine],
      load: { runs: 1, hosts: 7 },
      spool: { events: 3, bytes: 2048 },
      clockSkewMilliseconds: -1500,
    });

    const listed = await cli(["controller", "list"]);
    expect(listed.out).toMatch(/bj-1 +bj +away, last seen .* 1 +7 +3 events, 2\.0 KiB +1\.0\.0/);
    const shown = await cli(["controller", "show", "bj-1"]);
    expect(shown.out).toMatch(/clock +−1\.5 s/);
    expect(shown.out).toMatch(/salt +not usable +No master runs here\. Start it\./);
    const drained = await cli(["controller", "drain", "bj-1"]);
    expect(drained.out).toBe("bj-1 drains: it finishes 1 run (7 hosts running).\n");
    expect(drained.err).toContain("new runs there wait until “omserver controller undrain bj-1”");
    expect(JSON.parse((await cli(["controller", "show", "bj-1", "--json"])).out)).toMatchObject({ state: "draining" });
    expect((await cli(["controller", "undrain", "bj-1"])).code).toBe(0);
    expect((await cli(["engines"])).out).toMatch(/bj-1 +salt +not usable/);
    expect((await cli(["controller", "drain", "none"])).err).toContain("There is no controller “none”");
    await running.store.controllers.delete("bj-1");
  });

  it("puts credentials without ever showing their secret", async () => {
    const put = await cli(["credentials", "put", "ops", "--kind", "password", "--user", "ops", "--become-password"], {
      answers: ["canary-one", "canary-two"],
    });
    expect(put.out).toBe("Saved ops (password) on main.\n");
    const listed = await cli(["credentials", "list"]);
    expect(listed.out).toMatch(/ops +password +ops/);
    expect(put.out + put.err + listed.out).not.toContain("canary");
    expect((await cli(["credentials", "put", "k", "--kind", "key_file"])).err).toContain("needs --path");
    expect((await cli(["credentials", "remove", "ops"])).out).toBe("Deleted ops.\n");
  });

  it("completes commands, options, choices and modules", async () => {
    async function complete(...words: string[]): Promise<string[]> {
      return (await cli(["complete-words", "--", ...words])).out.split("\n").filter((word) => word !== "");
    }
    expect(await complete("ho")).toEqual(["hosts"]);
    expect(await complete("hosts", "e")).toEqual(["edit", "export"]);
    expect(await complete("hosts", "import", "--f")).toEqual(["--format", "--from-engine"]);
    expect(await complete("hosts", "import", "--format", "")).toEqual(["csv", "ssh_config"]);
    expect(await complete("completion", "")).toEqual(["bash", "fish", "zsh"]);
    expect(await complete("run", "my")).toEqual(["my-version"]);
    const [category = ""] = await complete("hosts", "match", "Lin");
    expect(category).toMatch(/^Linux[^/]*\/$/);
    expect(await complete("run", "my-version", "Lin")).toContain(category);
    expect(await complete("run", "--query", "engine", "=", "l")).toEqual(["local"]);
    expect(await complete("hosts", "list", `${category.slice(0, -1)},engine=lo`)).toEqual([
      `${category.slice(0, -1)},engine=local`,
    ]);
    expect((await cli(["completion", "bash"])).out).toContain("complete -o default -F _omserver omserver");
  });

  it("is told in docs/cli.md: every command and every exit code", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
    const program = new Command("omserver");
    addClientCommands(program);
    for (const command of program.commands) {
      const words = command.commands.length === 0 ? [command.name()] : command.commands.map((each) => each.name());
      if (command.name() === "complete-words") continue;
      expect(page).toMatch(new RegExp(`\\b${command.name()}\\b`));
      for (const word of words) expect(page, `${command.name()} ${word}`).toMatch(new RegExp(`\\b${word}\\b`));
    }
    const codes = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(exitCodes));
  });

  it("knows its own flags where a module's could be mistaken for them", () => {
    const program = new Command("omserver").version("0");
    addClientCommands(program);
    const run = program.commands.find((command) => command.name() === "run");
    const flags = [...(run?.options ?? []), ...program.options].map(({ long }) => long?.slice(2) ?? "");
    expect([...ownFlags].sort()).toEqual([...flags, "help"].sort());
  });
});

describe("a dump of the first OMServer", () => {
  it("is previewed, taken over once, and read in the encoding that it names", async () => {
    const file = join(folder, "dump.sql");
    writeFileSync(file, mysqldumpDump);
    const preview = await cli(["import", "omserver-v1", file, "--preview"]);
    const taken = await cli(["import", "omserver-v1", file]);
    const again = await cli(["import", "omserver-v1", file, "--json"]);
    const latin = join(folder, "latin.sql");
    writeFileSync(
      latin,
      Buffer.from("/*!40101 SET NAMES latin1 */;\nINSERT INTO server_fun_categ VALUES (9,'Caf\u00e9');\n", "latin1"),
    );
    const french = await cli(["import", "omserver-v1", latin, "--preview"]);

    expect(preview.out).toMatch(/Would be added: \d categor(?:y|ies), 1 host, 0 modules, 0 commands/);
    expect(preview.code).toBe(0);
    expect(taken.out).toMatch(
      /Added: \d categor(?:y|ies), 1 host, 0 modules, 0 commands; 0 changed, \d unchanged, 0 refused\.\n$/,
    );
    expect(JSON.parse(again.out)).toMatchObject({ applied: true, hosts: { added: [], unchanged: 1 } });
    expect(french.out).toContain("category + Café");
  });

  it("with rows that are refused ends with their reasons and writes nothing", async () => {
    const refused = await cli(["import", "omserver-v1", "-"], { input: phpMyAdminDump });

    expect(refused.code).toBe(exitCodes.notWell);
    expect(refused.out).toContain("refused: It stands under the application category 77");
    expect(refused.out).toContain("sys_param_1 服务: one of nginx, mysql; default nginx");
    expect(refused.out).toContain("Nothing was written");
  });
});
