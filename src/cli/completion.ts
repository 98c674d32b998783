import { Argument, type Command } from "commander";
import { type Client, createClient } from "../contract/http/client.ts";
import { connectionOf } from "./client-command.ts";
import type { CliIo } from "./io.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `completion SHELL` prints a script; what it offers comes from the hidden `complete-words`, so it is never out of date. */
export function addCompletionCommands(program: Command, io: CliIo): void {
  program
    .command("completion")
    .description('print a shell\'s completion script; for bash: eval "$(omserver completion bash)"')
    .addArgument(new Argument("<shell>").choices(shells))
    .action((shell: (typeof shells)[number]) => io.out(scripts[shell]));
  program
    .command("complete-words [words...]", { hidden: true })
    .description("print what the last word could become")
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const offered = takesModule(words)
        ? await moduleKeys(io, words.at(-1) ?? "")
        : queryIsDue(program, words)
          ? await queries(io, words)
          : [];
      const found = completionsOf(program, words, offered);
      if (found.length > 0) await io.out(`${found.join("\n")}\n`);
    });
}

/** What the last of the words could become: commands, options, choices, and what is `offered` of the server's things. */
export function completionsOf(program: Command, words: readonly string[], offered: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  const command = commandOf(program, words);
  const before = command.options.find(({ long, short }) => [long, short].includes(words.at(-2)));
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? "");
  const candidates =
    before?.argChoices ??
    (last.startsWith("-")
      ? [...options, "--help"]
      : [...visibleCommands(command), ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])]);
  const fitting = [...new Set(candidates)].filter((candidate) => candidate.startsWith(last)).sort();
  // What the server offers fits already, also where bash has cut the word: it keeps the server's order.
  return last.startsWith("-") || before?.argChoices !== undefined ? fitting : [...fitting, ...offered];
}

function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words.slice(0, -1)) command = subcommand(command, word) ?? command;
  return command;
}

function subcommand(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word);
}

function visibleCommands(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name());
}

function takesModule(words: readonly string[]): boolean {
  const path = words.slice(0, -1).join(" ");
  return path === "run" || path === "modules show";
}

/** None when the server cannot be asked at once: a completion must not hang or complain. */
async function moduleKeys(io: CliIo, start: string): Promise<string[]> {
  try {
    const { modules } = await askingClient(io).call("GET /modules", { signal: AbortSignal.timeout(1000) });
    return modules.flatMap(({ enabled, key }) => (enabled && key.startsWith(start) ? [key] : []));
  } catch {
    return [];
  }
}

/** After `--query`, as the word after a module of `run`, and as the argument of a command that takes a query. */
function queryIsDue(program: Command, words: readonly string[]): boolean {
  const { joined, at } = wordAtCursor(words);
  if (words[at - 1] === "--query") return true;
  if (joined.startsWith("-")) return false;
  const command = commandOf(program, words);
  return command.registeredArguments[0]?.name() === "query" || (words[0] === "run" && words.length > 2);
}

interface WordAtCursor {
  readonly joined: string;
  /** What stands in front of the piece that is completed. */
  readonly before: string;
  /** Place of its first piece. */
  readonly at: number;
}

/** bash cuts words at `:` and `=`, and completes the last piece alone. */
function wordAtCursor(words: readonly string[]): WordAtCursor {
  const last = words.at(-1) ?? "";
  const previous = words.at(-2) ?? "";
  if (/^[:=]$/.test(last)) return { joined: previous + last, before: previous + last, at: words.length - 2 };
  if (!/^[:=]$/.test(previous)) return { joined: last, before: "", at: words.length - 1 };
  const before = `${words.at(-3) ?? ""}${previous}`;
  return { joined: before + last, before, at: words.length - 3 };
}

/** Only what a shell takes as it stands: what it would need quoted differs from shell to shell. */
const needsNoQuotes = /^[\w./@%+,:=-]+$/;

async function queries(io: CliIo, words: readonly string[]): Promise<string[]> {
  const { joined, before } = wordAtCursor(words);
  try {
    const { from, to, options } = await askingClient(io).call("POST /hosts/complete", {
      body: { query: joined, cursor: joined.length },
      signal: AbortSignal.timeout(1000),
    });
    return options
      .map(({ text }) => joined.slice(0, from) + text + joined.slice(to))
      .filter((query) => query.startsWith(before) && needsNoQuotes.test(query))
      .map((query) => query.slice(before.length));
  } catch {
    return [];
  }
}

function askingClient(io: CliIo): Client {
  const { server, token } = connectionOf({}, io);
  return createClient({ baseUrl: server, token });
}

const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `_omserver() {
  local IFS=$'\\n'
  COMPREPLY=($(omserver complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${COMPREPLY[0]} == *[/=:] ]] && compopt -o nospace
}
complete -o default -F _omserver omserver
`,
  zsh: `#compdef omserver
_omserver() {
  local -a candidates
  candidates=("\${(@f)$(omserver complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local -a open=("\${(@M)candidates:#*[/=:]}")
  candidates=("\${(@)candidates:#*[/=:]}")
  compadd -S '' -a open
  compadd -a candidates
}
compdef _omserver omserver
`,
  fish: `complete -c omserver -f -a '(omserver complete-words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
