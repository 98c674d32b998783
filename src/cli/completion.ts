import { Argument, type Command } from "commander";
import { createClient } from "../contract/http/client.ts";
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
      const found = completionsOf(program, words, takesModule(words) ? await moduleKeys(io) : []);
      if (found.length > 0) await io.out(`${found.join("\n")}\n`);
    });
}

/** What the last of the words could become: commands, options, choices, and `modules` where a module is due. */
export function completionsOf(program: Command, words: readonly string[], modules: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  let command = program;
  for (const word of words.slice(0, -1)) command = subcommand(command, word) ?? command;
  const before = command.options.find(({ long, short }) => [long, short].includes(words.at(-2)));
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? "");
  const candidates =
    before?.argChoices ??
    (last.startsWith("-")
      ? [...options, "--help"]
      : [
          ...visibleCommands(command),
          ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
          ...(takesModule(words) ? modules : []),
        ]);
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(last)).sort();
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
async function moduleKeys(io: CliIo): Promise<string[]> {
  try {
    const { server, token } = connectionOf({}, io);
    const client = createClient({ baseUrl: server, token });
    const { modules } = await client.call("GET /modules", { signal: AbortSignal.timeout(1000) });
    return modules.filter(({ enabled }) => enabled).map(({ key }) => key);
  } catch {
    return [];
  }
}

const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `_omserver() {
  local IFS=$'\\n'
  COMPREPLY=($(omserver complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _omserver omserver
`,
  zsh: `#compdef omserver
_omserver() {
  local -a candidates
  candidates=("\${(@f)$(omserver complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _omserver omserver
`,
  fish: `complete -c omserver -f -a '(omserver complete-words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
