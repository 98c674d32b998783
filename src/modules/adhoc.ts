import { OmError } from "../contract/errors.ts";
import type { ModuleManifest } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { checkedManifest } from "./parse.ts";

export interface Adhoc {
  readonly command?: readonly string[];
  readonly script?: { readonly interpreter: readonly string[]; readonly text: string };
}

/**
 * A command or script that was typed for this once, as a module (id 0): it is planned, ordered, recorded and rendered
 * like any other. Throws OmError `module.invalid` for what no module could be: nothing or both given, a NUL, a program
 * named by more than a path, a script over 256 KiB.
 */
export function adhocModule(adhoc: Adhoc): ModuleManifest {
  const { command, script } = adhoc;
  if ((command === undefined) === (script === undefined)) {
    throw new OmError("module.invalid", reasonText("adhoc_one_of_two"));
  }
  return checkedManifest({
    id: 0,
    key: command ? "command" : "script",
    name: command ? { zh: "命令", en: "Command" } : { zh: "脚本", en: "Script" },
    description: { zh: "临时输入，仅此一次。", en: "Typed for this once." },
    danger: "change",
    parameters: { type: "object", properties: {} },
    run: {
      all: command
        ? { kind: "command", argv: [...command] }
        : { kind: "script", interpreter: [...(script?.interpreter ?? [])], script: script?.text ?? "" },
    },
  });
}
