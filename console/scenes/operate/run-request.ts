import type { CallInput } from "../../../src/contract/http/client.ts";
import { draftValues, type Field } from "../../components/parameter-form/form-model.ts";
import type { OperateState, RunOptions } from "./operate-state.ts";
import { splitWords } from "./split-words.ts";

export type RunRequest = CallInput<"POST /runs/preview">["body"];

/** What the page asks to run; undefined while there is nothing that could run. */
export function runRequest(state: OperateState, fields: readonly Field[]): RunRequest | undefined {
  const common = { query: state.query, ...optionsOf(state.options) };
  switch (state.tab) {
    case "module": {
      if (state.moduleId === undefined) return undefined;
      return { ...common, module: state.moduleId, parameters: draftValues(fields, state.drafts[state.moduleId] ?? {}) };
    }
    case "command": {
      const split = splitWords(state.command);
      return split.ok && split.words.length > 0 ? { ...common, command: [...split.words] } : undefined;
    }
    case "script": {
      const interpreter = splitWords(state.interpreter);
      if (!interpreter.ok || interpreter.words.length === 0 || state.script.trim() === "") return undefined;
      return { ...common, script: { interpreter: [...interpreter.words], text: state.script } };
    }
  }
}

function optionsOf(options: RunOptions): Partial<RunRequest> {
  const seconds = numberOf(options.timeoutSeconds);
  const asked = {
    width: numberOf(options.width),
    waveSize: numberOf(options.waveSize),
    maxFailures: numberOf(options.maxFailures),
    timeoutMilliseconds: seconds === undefined ? undefined : seconds * 1000,
    becomeUser: options.becomeUser.trim() === "" ? undefined : options.becomeUser.trim(),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

function numberOf(text: string): number | undefined {
  return text.trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);
}
