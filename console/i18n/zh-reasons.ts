import type { ReasonCode } from "../../src/contract/reasons.ts";
import { zhAnsibleReasons } from "./reasons/zh-ansible.ts";
import { zhClientReasons } from "./reasons/zh-client.ts";
import { zhDispatchReasons } from "./reasons/zh-dispatch.ts";
import { zhEnginesReasons } from "./reasons/zh-engines.ts";
import { zhFuncReasons } from "./reasons/zh-func.ts";
import { zhInventoryReasons } from "./reasons/zh-inventory.ts";
import { zhModulesReasons } from "./reasons/zh-modules.ts";
import { zhPlanReasons } from "./reasons/zh-plan.ts";
import { zhQueryReasons } from "./reasons/zh-query.ts";
import { zhRequestReasons } from "./reasons/zh-request.ts";
import { zhRunsReasons } from "./reasons/zh-runs.ts";
import { zhSaltReasons } from "./reasons/zh-salt.ts";
import { zhStoreReasons } from "./reasons/zh-store.ts";

/** The product's own sentences on why something was refused or failed, and why a host or a run ended as it did; the English ones are in the contract. */
export const zhReasons: Readonly<Record<ReasonCode, string>> = {
  ...zhAnsibleReasons,
  ...zhClientReasons,
  ...zhDispatchReasons,
  ...zhEnginesReasons,
  ...zhFuncReasons,
  ...zhInventoryReasons,
  ...zhModulesReasons,
  ...zhPlanReasons,
  ...zhQueryReasons,
  ...zhRequestReasons,
  ...zhRunsReasons,
  ...zhSaltReasons,
  ...zhStoreReasons,
};
