import type { Run } from "../../api/types.ts";
import { makeVisible } from "../../components/output/visible-text.ts";
import { joinWords } from "../operate/split-words.ts";

export interface RunTask {
  /** What ran, in one line: a command, the first line of a script, a module's parameters. Empty where there is nothing. */
  readonly line: string;
  /** The whole script, where one was typed. */
  readonly script?: { readonly interpreter: string; readonly text: string };
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** What a run was told to do, as its record keeps it. Secrets are not in there. */
export function runTask({
  moduleId,
  moduleKey,
  parameters,
}: Pick<Run, "moduleId" | "moduleKey" | "parameters">): RunTask {
  const { command, interpreter, script } = parameters;
  // A draft has the number 0 too, and parameters of any name.
  if (moduleId === 0 && moduleKey === "command" && typeof command === "string") {
    return { line: visible(joinWords(words(command))), parameters: [] };
  }
  if (moduleId === 0 && moduleKey === "script" && typeof interpreter === "string" && typeof script === "string") {
    const first = script.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#!")) ?? "";
    const text = visible(script);
    return {
      line: visible(first.trim()),
      script: { interpreter: visible(joinWords(words(interpreter))), text },
      parameters: [],
    };
  }
  const values = Object.entries(parameters).map(([name, value]) => [name, visible(String(value))] as const);
  return {
    line: values.map(([name, value]) => `${name}=${value.replaceAll("\n", "⏎")}`).join(" "),
    parameters: values,
  };
}

/** Text in which nothing acts; no colours either, since nobody has typed any. */
function visible(text: string): string {
  return makeVisible(text).replaceAll("\u001b", "␛");
}

/** Words that the record keeps as JSON; a record that is something else is shown as it is. */
function words(json: string): readonly string[] {
  try {
    const read: unknown = JSON.parse(json);
    return Array.isArray(read) ? read.map(String) : [json];
  } catch {
    return [json];
  }
}
