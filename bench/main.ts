import { commandOptions } from "../test/testkit/command-options.ts";

/**
 * npm run bench -- NAME [--option value …]. Prints progress to stderr and one JSON object as the last line of stdout.
 * Every benchmark is a file here that exports `run(options)`.
 */
const names = ["fanout", "overhead", "start", "ingest", "query", "link", "salt", "func", "console", "ansible"] as const;

const [name, ...rest] = process.argv.slice(2);
if (!names.some((known) => known === name)) {
  console.error(`Usage: npm run bench -- NAME [--option value …]\nNAME is one of: ${names.join(", ")}`);
  process.exit(2);
}

const benchmark = (await import(`./${name}.ts`)) as { run(options: Record<string, string>): Promise<object> };
const result = await benchmark.run(commandOptions(rest));
console.log(JSON.stringify(result));
process.exit(0);
