import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** A command as a host's shell reports it. */
export interface ShellRecord {
  /** Unique on the host: what makes it the same when it is sent again. */
  readonly key: string;
  readonly typedAt: number;
  readonly user: string;
  readonly command: string;
}

export const mostRecords = 1000;
const longestCommand = 8192;

/**
 * Reads `KEY MILLISECONDS USER COMMAND` records, each ended by a NUL byte: the command may hold anything else, newlines
 * among it. Bytes that are no UTF-8 become U+FFFD; a longer command is cut and ends in “…”. Throws `request.invalid`
 * with the number of the record that cannot be read, and nothing is taken then.
 */
export function readShellRecords(body: Uint8Array): readonly ShellRecord[] {
  const text = new TextDecoder().decode(body);
  if (text === "") return [];
  if (!text.endsWith("\0")) throw unreadable(text.split("\0").length, reasonText("record_without_end"));
  const parts = text.slice(0, -1).split("\0");
  if (parts.length > mostRecords)
    throw unreadable(mostRecords + 1, reasonText("record_too_many", { count: mostRecords }));
  return parts.map((part, index) => {
    const found = /^(\S{1,100}) (\d{1,15}) (\S{1,128}) (.*)$/su.exec(part);
    if (found === null) throw unreadable(index + 1, reasonText("record_unreadable"));
    const [, key = "", typedAt = "", user = "", command = ""] = found;
    return { key, typedAt: Number(typedAt), user, command: cut(command) };
  });
}

function cut(command: string): string {
  return command.length <= longestCommand ? command : `${command.slice(0, longestCommand)}…`;
}

function unreadable(record: number, what: string): OmError {
  return new OmError("request.invalid", reasonText("record_refused", { record, fault: what }), {
    problems: [{ place: `record ${record}`, message: what }],
  });
}
