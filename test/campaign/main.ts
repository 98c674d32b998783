import { commandOptions } from "../testkit/command-options.ts";
import type { Campaign } from "./campaign.ts";

/**
 * npm run campaign -- NAME [--option value …]. Long tries to break a promise of the product. Prints progress to stderr
 * and one JSON object as the last line of stdout; ends with 1 when the promise did not hold. Every campaign is a file
 * here that exports `run` (see campaign.ts); a short form of it is in the test beside it.
 */
const names = ["orders", "link", "kill", "kill-approvals", "kill-ssh"] as const;

const [name, ...rest] = process.argv.slice(2);
if (!names.some((known) => known === name)) {
  console.error(`Usage: npm run campaign -- NAME [--option value …]\nNAME is one of: ${names.join(", ")}`);
  process.exit(2);
}

const { run } = (await import(`./${name}.ts`)) as { run: Campaign };
const { result, held } = await run(commandOptions(rest));
console.log(JSON.stringify(result));
process.exit(held ? 0 : 1);
