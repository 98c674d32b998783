import { chmodSync, linkSync, unlinkSync, writeFileSync } from "node:fs";

/** A secret file that appears whole, mode 0600, unless it is there already: then it stays as it is. */
export function writeOnce(file: string, content: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, content, { mode: 0o600, flag: "wx" });
  chmodSync(fresh, 0o600);
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(fresh);
  }
}
