import type { ShellCommand, ShellCommandFilter, ShellCommandRepository } from "../store/repositories/shell-commands.ts";
import type { Bytes } from "./call.ts";
import { exportedRows, type RowsFormat } from "./export-rows.ts";

/** By the name of its column: what it shows. */
const cells = {
  typed_at: ({ typedAt }) => new Date(typedAt).toISOString(),
  host: ({ hostName }) => hostName,
  address: ({ address }) => address,
  user: ({ user }) => user,
  command: ({ command }) => command,
  received_at: ({ receivedAt }) => new Date(receivedAt).toISOString(),
  source: ({ source }) => source,
} as const satisfies Readonly<Record<string, (command: ShellCommand) => string>>;

type Column = keyof typeof cells;

/** The commands that a filter leaves, newest first. */
export function exportedShellCommands(
  commands: ShellCommandRepository,
  filter: ShellCommandFilter,
  format: RowsFormat,
): Bytes {
  const columns = Object.keys(cells) as Column[];
  return exportedRows(
    {
      name: "shell-commands",
      columns,
      cell: (command: ShellCommand, column: Column) => cells[column](command),
      list: (page) => commands.list(filter, page),
    },
    format,
  );
}
