import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { restoreBackup, writeBackup } from "../../../src/web/store/backup.ts";
import { storedTables } from "../../../src/web/store/backup-tables.ts";
import { connect } from "../../../src/web/store/database.ts";
import type { DatabaseConfig } from "../../../src/web/store/database-config.ts";
import { createFileContent, type FileContent } from "../../../src/web/store/file-content.ts";
import { migrate } from "../../../src/web/store/migrate.ts";
import { openStore } from "../../../src/web/store/open.ts";
import type { Store } from "../../../src/web/store/store.ts";
import { aChange, aHost, aManifest, anImportedHost, aRun, ended } from "./builders.ts";

type Kind = DatabaseConfig["kind"];

/** Backup and restore, from each database into another. */
export function backupSuite(createDatabase: (kind: Kind) => Promise<DatabaseConfig>): void {
  const folder = mkdtempSync(join(tmpdir(), "om-backup-"));
  let counter = 0;
  const place = (name: string) => {
    counter += 1;
    return join(folder, `${counter}-${name}`);
  };

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A filled store and its backup. */
  async function aBackup(kind: Kind) {
    const database = await createDatabase(kind);
    const files = createFileContent(place("files"));
    const store = await openStore(database);
    const { sha256 } = await fill(store, files);
    await store.close();
    const source = place("backup.gz");
    const report = await writeBackup({ database, files, target: source });
    return { database, files, source, report, sha256 };
  }

  async function anEmptyStore(kind: Kind = "sqlite") {
    const database = await createDatabase(kind);
    const store = await openStore(database);
    await store.modules.syncBuiltIn([aManifest({ id: 1001, key: "the-new-one" })]);
    await store.close();
    return { database, files: createFileContent(place("files")) };
  }

  async function linesOf(database: DatabaseConfig, files: FileContent): Promise<string[]> {
    const target = place("compared.gz");
    await writeBackup({ database, files, target });
    return readLines(target).slice(1, -1);
  }

  describe.each([
    ["sqlite", "postgres"],
    ["postgres", "mysql"],
    ["mysql", "sqlite"],
  ] as const)("a backup of %s", (from, to) => {
    it(`holds all of it and restores into ${to}`, async () => {
      const { database, files, source, report, sha256 } = await aBackup(from);
      const target = await anEmptyStore(to);

      const restored = await restoreBackup({ source, ...target });

      expect(restored).toEqual(report);
      for (const { name } of storedTables) expect(report.rows[name], name).toBeGreaterThan(0);
      expect(await linesOf(target.database, target.files)).toEqual(await linesOf(database, files));
      expect(await target.files.check(sha256)).toEqual({ bytes: 300_000 });
    });

    it(`lets ${to} go on where ${from} stood`, async () => {
      const { source } = await aBackup(from);
      const target = await anEmptyStore(to);
      await restoreBackup({ source, ...target });
      const store = await openStore(target.database);

      const { hosts, appCategories } = await store.inventory.snapshot();
      const highest = Math.max(...hosts.map(({ id }) => id));
      const host = await store.inventory.createHost(aHost({ appCategoryId: appCategories[0]?.id ?? 0 }));
      const { run } = await store.runs.create(aRun(1));

      expect(host.id).toBe(highest + 1);
      expect(run.id).toBe(4);
      expect(await store.audit.verify()).toMatchObject({ ok: true, records: 2 });
      expect((await store.audit.append({ ...anAuditEntry, object: "after" })).seq).toBe(3);
      const output = await store.runs.output(1, 0, "stdout", { offset: 0, limit: 5 });
      expect(Buffer.from(output ?? []).toString()).toBe("hello");
      await store.close();
    });
  });

  it.each(["sqlite", "mysql", "postgres"] as const)("covers every table that %s has", async (kind) => {
    const database = connect((await anEmptyStore(kind)).database);
    const tables = (await database.writer.introspection.getTables()).filter(({ isView }) => !isView);
    await database.close();
    const isBinary = (type: string) => /blob|bytea/i.test(type);

    expect(tables.map(({ name }) => name).sort()).toEqual(storedTables.map(({ name }) => name as string).sort());
    for (const { name, columns } of tables) {
      const binary = columns.filter(({ dataType }) => isBinary(dataType)).map((column) => column.name);
      expect(binary, name).toEqual(storedTables.find((table) => table.name === name)?.binary);
    }
  });

  it("is readable by its owner only and leaves nothing half-written", async () => {
    const { source, files } = await aBackup("sqlite");
    expect(statSync(source).mode & 0o777).toBe(0o600);
    const missing = place("no.db");

    const target = join(place("."), "..", "never.gz");
    const failing = writeBackup({ database: { kind: "sqlite", file: missing }, files, target });

    await expect(failing).rejects.toMatchObject({ code: "store.unavailable" });
    expect(existsSync(missing)).toBe(false);
    expect(readdirSync(folder).filter((name) => /never|part$/.test(name))).toEqual([]);
  });

  it("names library files whose content is damaged", async () => {
    const { database, sha256 } = await aBackup("sqlite");
    const empty = createFileContent(place("files"));

    const report = await writeBackup({ database, files: empty, target: place("backup.gz") });

    expect(report).toMatchObject({ files: 0, damagedFiles: [sha256] });
  });

  it("overwrites a store with work in it only when told to", async () => {
    const { source, database: original, files: originalFiles } = await aBackup("sqlite");
    const { database, files } = await aBackup("postgres");
    const before = await linesOf(database, files);

    await expect(restoreBackup({ source, database, files })).rejects.toMatchObject({ code: "store.conflict" });
    expect(await linesOf(database, files)).toEqual(before);
    await restoreBackup({ source, database, files, overwrite: true });

    expect(await linesOf(database, files)).toEqual(await linesOf(original, originalFiles));
  });

  it("of a store that was just deleting old runs restores without them, and goes on deleting", async () => {
    const [database, files] = [await createDatabase("sqlite"), createFileContent(place("files"))];
    const never = new AbortController().signal;
    const swept = await openStore(database);
    for (const output of ["gone", "going", "kept"]) {
      const { run } = await swept.runs.create(aRun(1));
      await swept.runs.apply(aChange(run.uid, 1, 2, { ended: [ended(0, output)], runEnded: true }));
    }
    const newest = { id: 3 };
    expect(await swept.retention.hide(Number.MAX_SAFE_INTEGER, 100)).toBe(2);
    await swept.retention.deleteHidden(never);
    await swept.close();
    const source = place("swept.gz");
    await writeBackup({ database, files, target: source });
    const target = await anEmptyStore("postgres");

    await restoreBackup({ source, ...target });

    const store = await openStore(target.database);
    expect((await store.runs.list({}, "all", { limit: 9 })).rows.map(({ id }) => id)).toEqual([newest.id]);
    expect(await store.retention.hiddenUpTo()).toBe(newest.id - 1);
    while (await store.retention.deleteHidden(never));
    await store.retention.deleteOutputs(never);
    const output = await store.runs.output(newest.id, 0, "stdout", { offset: 0, limit: 9 });
    expect(Buffer.from(output ?? []).toString()).toBe("kept");
    expect((await store.runs.create(aRun(1))).run.id).toBe(newest.id + 1);
    await store.close();
    const opened = connect(target.database);
    expect(await opened.writer.selectFrom("execution").select("run_id").distinct().orderBy("run_id").execute()).toEqual(
      [newest.id, newest.id + 1].map((run_id) => ({ run_id })),
    );
    expect(await opened.writer.selectFrom("output").select("block").execute()).toEqual([{ block: 0 }]);
    await opened.close();
  });

  it.each(["postgres", "mysql", "sqlite"] as const)(
    "of an older program goes through the migrations since then on %s",
    async (kind) => {
      const { source } = await aBackup("sqlite");
      const first = "0001-first-tables";
      const columns = await columnsAfter(await createDatabase("sqlite"), first);
      const older = edited(source, place("older.gz"), (lines) => asOfThen(lines, first, columns));
      const database = await createDatabase(kind);

      await restoreBackup({ source: older, database, files: createFileContent(place("files")) });

      const opened = connect(database);
      const views = (await opened.writer.introspection.getTables()).filter(({ isView }) => isView);
      const outputs = await opened.writer.selectFrom("output").select("last_run_id").distinct().execute();
      const newest = await opened.writer.selectFrom("run").select("id").orderBy("id", "desc").executeTakeFirst();
      await opened.close();
      // Any run there was may have them.
      expect(outputs).toEqual([{ last_run_id: newest?.id }]);
      expect(views.map(({ name }) => name)).toContain("server_list");
      const current = await anEmptyStore("sqlite");
      await expect(restoreBackup({ source: older, ...current })).rejects.toMatchObject({ code: "store.conflict" });
    },
  );

  it("is refused when it is damaged, wherever that is, and nothing is written", async () => {
    const { source } = await aBackup("sqlite");
    const target = await anEmptyStore();
    const before = await linesOf(target.database, target.files);
    const bytes = readFileSync(source);
    const damaged: [string, Buffer][] = [
      ["empty", Buffer.alloc(0)],
      ["noise", randomBytes(4096)],
      ["not gzip", Buffer.from('{"omserver":"backup"}\n')],
      ["not ours", gzipSync("hello\n")],
      ["doubled", Buffer.concat([bytes, bytes])],
    ];
    for (let at = 1; at < 8; at += 1) damaged.push([`cut at ${at}/8`, bytes.subarray(0, (bytes.length * at) >> 3)]);
    for (let at = 0; at < 16; at += 1) {
      const flipped = Buffer.from(bytes);
      const place = Math.floor(((bytes.length - 1) * at) / 16);
      // The first bytes of gzip hold a time and flags of no meaning.
      const byte = Math.max(place, 10);
      flipped[byte] = (flipped[byte] ?? 0) ^ 0x10;
      damaged.push([`changed at ${byte}`, flipped]);
    }

    for (const [name, content] of damaged) {
      const file = place("damaged.gz");
      writeFileSync(file, content);
      await expect(restoreBackup({ source: file, ...target }), name).rejects.toMatchObject({ code: "backup.invalid" });
    }
    const gone = restoreBackup({ source: place("gone.gz"), ...target });
    await expect(gone).rejects.toMatchObject({ code: "backup.invalid" });

    expect(await linesOf(target.database, target.files)).toEqual(before);
  });

  it("is refused when somebody rewrote it, though its checksum is right", async () => {
    const { source } = await aBackup("sqlite");
    const target = await anEmptyStore("postgres");
    const before = await linesOf(target.database, target.files);
    const isTable = (name: string) => (line: unknown) => (line as { table?: string }).table === name;
    const at = (lines: readonly unknown[], name: string) => lines.findIndex(isTable(name));
    const rewrites: Record<string, (lines: unknown[]) => unknown[]> = {
      "a newer migration": ([first, ...rest]) => [{ ...(first as object), migrations: ["9999-future"] }, ...rest],
      "another format": ([first, ...rest]) => [{ ...(first as object), format: 2 }, ...rest],
      "no header": (lines) => lines.slice(1),
      "a table that is not ours": (lines) =>
        lines.map((line) => (isTable("host")(line) ? { ...(line as object), table: "pg_user" } : line)),
      "SQL as a column": (lines) =>
        lines.map((line) =>
          isTable("setting")(line)
            ? { ...(line as object), columns: ["setting_key", "content) values (1,1); --"] }
            : line,
        ),
      "a column that is not ours": (lines) =>
        lines.map((line) =>
          isTable("setting")(line) ? { ...(line as object), columns: ["setting_key", "contents"] } : line,
        ),
      "a table twice": (lines) => lines.toSpliced(at(lines, "module"), 0, { table: "host", columns: [] }),
      "a table missing": (lines) => lines.toSpliced(at(lines, "setting"), 2),
      "a row too short": (lines) => lines.toSpliced(at(lines, "setting") + 1, 1, ["only"]),
      "a row of objects": (lines) => lines.toSpliced(at(lines, "setting") + 1, 1, [{}, true]),
      "a host in no category": (lines) => lines.toSpliced(at(lines, "app_category") + 1, 1),
      "a row twice": (lines) => lines.toSpliced(at(lines, "host") + 1, 0, lines[at(lines, "host") + 1]),
      "a file changed": (lines) => lines.toSpliced(-1, 1, Buffer.from("evil").toString("base64")),
      "bytes that are no base64": (lines) => lines.toSpliced(-1, 1, "not base64!"),
      "a file by a path": (lines) => [...lines, { file: "../../etc/passwd", bytes: 0 }],
      nonsense: (lines) => [...lines, 7],
    };

    for (const [name, rewrite] of Object.entries(rewrites)) {
      const file = edited(source, place("rewritten.gz"), rewrite);
      await expect(restoreBackup({ source: file, ...target }), name).rejects.toMatchObject({ code: "backup.invalid" });
    }

    expect(await linesOf(target.database, target.files)).toEqual(before);
  });
}

const anAuditEntry = {
  at: 1,
  actor: "alice",
  source: "cli",
  action: "host.delete",
  object: "𝔘",
  hosts: "",
  detail: { a: "\0" },
} as const;

/** At least one row in every table. */
async function fill(store: Store, files: FileContent): Promise<{ sha256: string }> {
  await store.inventory.importHosts([
    anImportedHost({ tags: ["a"] }),
    anImportedHost({ name: "it's 𝔘 -x", note: "\n\t" }),
  ]);
  const { id } = (await store.inventory.snapshot()).hosts[0] ?? { id: 0 };
  await store.inventory.deleteHosts([id]);
  const manifest = aManifest({ id: 1001 });
  await store.modules.syncBuiltIn([manifest]);
  await store.modules.addVersion(1001, { ...manifest, danger: "change" }, 1, "alice");
  const { run } = await store.runs.create(aRun(3, { idempotencyKey: "once" }));
  const long = randomBytes(300_000);
  const binary = { stdout: { offset: 0, data: long }, stdoutBytes: 300_000 };
  const output = [{ position: 2, stream: "stderr" as const, offset: 0, data: Buffer.from([0, 255, 10]) }];
  const over = [ended(0, "hello"), ended(1, "", binary)];
  const step = { path: ["play"], name: "task", action: "copy", status: "changed", message: "", diff: "+x" } as const;
  const steps = [{ position: 1, seq: 2, step }];
  const facts = [{ position: 1, at: 1, facts: { os: "Debian" } }];
  const notices = [{ position: 1, seq: 3, at: 1, message: "The host's clock is 40 s behind." }];
  await store.runs.apply(aChange(run.uid, 1, 5, { output, ended: over, steps, facts, notices }));
  await store.runs.create(aRun(2));
  await store.runs.create(aRun(1, { orders: [], approval: { until: 9e12, plan: randomBytes(1_100_000) } }));
  const user = await store.users.create({
    name: "alice",
    role: "administrator",
    scope: { everything: true, functionCategories: [], appCategories: [] },
    passwordHash: "$argon2id$x",
  });
  await store.users.addToken({ kind: "api", userId: user.id, name: "ci", sha256: "c".repeat(64) });
  await store.users.addToken({ kind: "setup_link", name: "", sha256: "d".repeat(64), expiresAt: 5 });
  await store.savedViews.put(user.id, { scene: "runs", name: "mine", search: { state: "failed" } });
  await store.audit.append(anAuditEntry);
  await store.audit.append({ ...anAuditEntry, hosts: "web[01-12]" });
  const { sha256, bytes } = await files.put(Readable.from([long]), 1_000_000);
  await store.files.add({ name: "nginx.conf", sha256, bytes, uploadedBy: "alice" });
  const held = { zones: ["bj"], heldBy: ["bj-1"] };
  await store.credentials.put({ name: "deploy", kind: "key", user: "", description: "", updatedBy: "alice", ...held });
  await store.shellCommands.append([
    { key: "k", hostName: "web1", address: "", user: "root", typedAt: 1, command: "ls", source: "shell" },
  ]);
  await store.shellCommands.setReportToken(id + 1, "d".repeat(64), "alice");
  await store.controllers.ensure("bj-1", "bj");
  const certificate = { serial: "7f", controller: "bj-1", issuedAt: 1, expiresAt: 2 };
  await store.enrolments.addCertificate(certificate);
  const invitation = { controller: "bj-2", zone: "bj", createdBy: "alice", createdAt: 1, expiresAt: 2 };
  await store.enrolments.invite({ ...invitation, tokenSha256: sha256 });
  await store.settings.set("runWidth", 64);
  return { sha256 };
}

/** Columns of each table as a program of that migration made them. */
async function columnsAfter(config: DatabaseConfig, migration: string): Promise<Map<string, readonly string[]>> {
  const database = connect(config);
  await migrate(database, migration);
  const tables = await database.writer.introspection.getTables();
  await database.close();
  return new Map(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]));
}

/** The lines that the program of that migration would have written. */
function asOfThen(
  lines: readonly unknown[],
  migration: string,
  columns: ReadonlyMap<string, readonly string[]>,
): unknown[] {
  let kept: readonly number[] | undefined = [];
  return lines.flatMap((line, at) => {
    if (at === 0) return [{ ...(line as object), migrations: [migration] }];
    if (Array.isArray(line)) return kept === undefined ? [] : [kept.map((place) => line[place] as unknown)];
    if (typeof line !== "object" || line === null || !("table" in line)) return [line];
    const table = line as unknown as { readonly table: string; readonly columns: readonly string[] };
    const known = columns.get(table.table);
    kept = known && table.columns.flatMap((column, place) => (known.includes(column) ? [place] : []));
    return kept === undefined ? [] : [{ ...table, columns: kept.map((place) => table.columns[place]) }];
  });
}

function readLines(file: string): string[] {
  return gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
}

/** The backup with other lines and a checksum that fits them. */
function edited(source: string, target: string, edit: (lines: unknown[]) => unknown[]): string {
  const lines = readLines(source)
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
  const texts = edit(lines).map((line) => `${JSON.stringify(line)}\n`);
  const sha256 = createHash("sha256").update(texts.join("")).digest("hex");
  writeFileSync(
    target,
    gzipSync(`${texts.join("")}${JSON.stringify({ end: "backup", lines: texts.length, sha256 })}\n`),
  );
  return target;
}
