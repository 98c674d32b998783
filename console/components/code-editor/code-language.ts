export type ScriptLanguage = "shell" | "python" | "perl";
/** `manifest` is a module: YAML whose scripts have colours of their own, or JSON. */
export type CodeLanguage = ScriptLanguage | "yaml" | "json" | "manifest";

/**
 * What an interpreter reads, by its name: `/usr/bin/python3.11` and `/usr/bin/env python3` read Python. Undefined for
 * one that is not known.
 */
export function languageOf(interpreter: string): ScriptLanguage | undefined {
  const [first = "", second = ""] = interpreter.trim().split(/\s+/);
  const program = first.endsWith("/env") ? second : first;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (/^python[\d.]*$/.test(name)) return "python";
  if (/^perl[\d.]*$/.test(name)) return "perl";
  return /^(?:ba|da|k|mk|z|a)?sh$/.test(name) ? "shell" : undefined;
}
