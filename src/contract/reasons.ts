import { ansibleReasons } from "./reasons/ansible.ts";
import { clientReasons } from "./reasons/client.ts";
import { dispatchReasons } from "./reasons/dispatch.ts";
import { enginesReasons } from "./reasons/engines.ts";
import { funcReasons } from "./reasons/func.ts";
import { inventoryReasons } from "./reasons/inventory.ts";
import { modulesReasons } from "./reasons/modules.ts";
import { planReasons } from "./reasons/plan.ts";
import { queryReasons } from "./reasons/query.ts";
import { requestReasons } from "./reasons/request.ts";
import { runsReasons } from "./reasons/runs.ts";
import { saltReasons } from "./reasons/salt.ts";
import { storeReasons } from "./reasons/store.ts";
import { filled, type ValuesOf } from "./sentence.ts";
import { sentenceReader } from "./sentence-reader.ts";

/**
 * The sentences by which OMServer says why something was refused, failed or ended as it did, each with a code that never
 * changes. API, CLI, log and database carry the English sentence; who shows it in another language finds code and values
 * back by {@link readReason}. What is not in here (words of hosts and of other tools) is shown as it came.
 *
 * A place `{name}` takes any text, `{name?}` also none, `{name#}` digits only, and `{name!}` a sentence or clause that is
 * itself in the catalogue: so a template with few words of its own never fits a stranger's text.
 */
export const reasonTemplates = {
  ...runsReasons,
  ...enginesReasons,
  ...ansibleReasons,
  ...saltReasons,
  ...funcReasons,
  ...requestReasons,
  ...clientReasons,
  ...dispatchReasons,
  ...storeReasons,
  ...queryReasons,
  ...inventoryReasons,
  ...planReasons,
  ...modulesReasons,
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof reasonTemplates;

/** The English sentence. */
export function reasonText<Code extends ReasonCode>(
  code: Code,
  ...values: ValuesOf<(typeof reasonTemplates)[Code]>
): string {
  return filled<(typeof reasonTemplates)[Code]>(reasonTemplates[code], ...values);
}

export interface Reason {
  readonly code: ReasonCode;
  readonly values: Readonly<Record<string, string>>;
}

const read = sentenceReader(reasonTemplates);

/** The code and values of a sentence that {@link reasonText} has made, whoever stored it meanwhile; else undefined. */
export function readReason(text: string): Reason | undefined {
  return read(text);
}
