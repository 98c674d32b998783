import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { openDatabase } from "../../controller/spool/database.ts";
import { type BackupReport, checkSource, restoreBackup, writeBackup } from "../../web/store/backup.ts";
import { createFileContent } from "../../web/store/file-content.ts";
import { openStore } from "../../web/store/open.ts";
import type { Config } from "../config.ts";
import { markRestoring } from "../running-mark.ts";
import { type ConfigOptions, configOf, withConfigOptions } from "./options.ts";

interface BackupOptions extends ConfigOptions {
  readonly json?: boolean;
}

export function addBackupCommands(program: Command): void {
  withConfigOptions(program.command("backup <file>"))
    .description("write the database and the library files into one file; OMServer may go on running")
    .option("--json", "print what was saved as JSON")
    .action(backup);
  withConfigOptions(program.command("restore <file>"))
    .description("put a backup into this installation's database, of whichever kind; OMServer must be stopped")
    .option("--json", "print what was restored as JSON")
    .option("--replace", "even when the database is in use: everything in it goes")
    .action(restore);
}

async function backup(file: string, options: BackupOptions): Promise<void> {
  const config = configOf(options);
  await checkSource(config.database);
  await record(config, "backup.write", file);
  const report = await writeBackup({ database: config.database, files: filesOf(config), target: resolve(file) });
  console.log(options.json ? jsonOf(file, report) : `Saved ${summary(report)} to ${file}`);
  for (const sha256 of report.damagedFiles) {
    console.error(
      `omserver: the library file ${sha256} is missing or damaged in the data folder and is not in the backup.`,
    );
  }
  if (report.damagedFiles.length > 0) process.exitCode = 1;
}

async function restore(file: string, options: BackupOptions & { readonly replace?: boolean }): Promise<void> {
  const config = configOf(options);
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  const mark = markRestoring(config.dataFolder);
  try {
    refuseController(config);
    const report = await restoreBackup({
      source: resolve(file),
      database: config.database,
      files: filesOf(config),
      overwrite: options.replace === true,
    });
    await record(config, "backup.restore", file);
    const asOf = new Date(report.createdAt).toISOString();
    console.log(options.json ? jsonOf(file, report) : `Restored ${summary(report)}, as of ${asOf}`);
  } finally {
    mark.release();
  }
}

/** A controller that runs here alone holds its journal. */
function refuseController({ dataFolder }: Config): void {
  const journal = join(dataFolder, "controller", "controller.db");
  if (!existsSync(journal)) return;
  try {
    openDatabase(journal).close();
  } catch (cause) {
    const message = `OMServer runs on ${dataFolder}. Stop it first: it would go on with what it remembers.`;
    throw new OmError("backup.invalid", message, { cause });
  }
}

function filesOf(config: Config) {
  return createFileContent(join(config.dataFolder, "files"));
}

async function record(config: Config, action: "backup.write" | "backup.restore", file: string): Promise<void> {
  const store = await openStore(config.database);
  try {
    await store.audit.append({
      at: Date.now(),
      actor: "server console",
      source: "cli",
      action,
      object: file,
      hosts: "",
      detail: {},
    });
  } finally {
    await store.close();
  }
}

function jsonOf(file: string, report: BackupReport): string {
  return JSON.stringify({ file, ...report }, undefined, 2);
}

function summary(report: BackupReport): string {
  const rows = Object.values(report.rows).reduce((sum, count) => sum + count, 0);
  return `${rows} rows and ${report.files} library files`;
}
