/** `--name value` pairs of a benchmark's or campaign's command line. Ends the process with 2 at anything else. */
export function commandOptions(words: readonly string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 2) {
    const word = words[at] ?? "";
    const value = words[at + 1];
    if (!word.startsWith("--") || value === undefined) {
      console.error(`An option is --name value; got “${word}”.`);
      process.exit(2);
    }
    options[word.slice(2)] = value;
  }
  return options;
}
