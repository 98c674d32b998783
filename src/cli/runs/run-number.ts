import type { ClientContext } from "../client-command.ts";

/** For commands that take a run: its number. Another word ends the command as wrongly used. */
export function runNumber({ usage }: ClientContext, word: string): number {
  return /^[1-9]\d{0,9}$/.test(word) ? Number(word) : usage(`“${word}” is not the number of a run.`);
}
