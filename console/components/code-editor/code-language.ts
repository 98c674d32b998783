export type CodeLanguage = "shell" | "python" | "perl" | "yaml";

/** What an interpreter reads, by its name: `/usr/bin/python3.11` reads Python. Undefined for one that is not known. */
export function languageOf(interpreter: string): CodeLanguage | undefined {
  const [program = ""] = interpreter.trim().split(/\s+/);
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (/^python[\d.]*$/.test(name)) return "python";
  if (/^perl[\d.]*$/.test(name)) return "perl";
  return /^(?:ba|da|k|mk|z|a)?sh$/.test(name) ? "shell" : undefined;
}
