/**
 * A manifest as the beginning of another module: without its number, which is given anew, and under a key that is free
 * most likely. Everything else stays, comments too.
 */
export function copiedSource(source: string): string {
  return source.replace(/^id:.*\n/m, "").replace(/^key:[ \t]*(["']?)([\w.-]+)\1/m, "key: $2-copy");
}
