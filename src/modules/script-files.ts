/** `script: {file: run.sh}` of a module folder: found and replaced in data that nobody has judged yet. */

/** The file names that the actions of a manifest's data give as their script. */
export function scriptFiles(manifest: unknown): string[] {
  return actionsOf(manifest).flatMap((action) => fileName(action.script) ?? []);
}

/** The same data with the files' text in their place; a name that is not among them stays, and is refused later. */
export function withScripts(manifest: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (texts.size === 0) return manifest;
  for (const action of actionsOf(manifest)) {
    const text = texts.get(fileName(action.script) ?? "");
    if (text !== undefined) action.script = text;
  }
  return manifest;
}

function actionsOf(manifest: unknown): Record<string, unknown>[] {
  const run = isRecord(manifest) ? manifest.run : undefined;
  if (!isRecord(run)) return [];
  return [run.all, ...Object.values(isRecord(run.engines) ? run.engines : {})].filter(isRecord);
}

function fileName(script: unknown): string | undefined {
  return isRecord(script) && typeof script.file === "string" ? script.file : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
