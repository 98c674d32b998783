import type { ChineseSceneTexts } from "./en-scenes.ts";
import { zhApproval } from "./zh-approval.ts";
import { zhAudit } from "./zh-audit.ts";
import { zhClaims } from "./zh-claims.ts";
import { zhEngines } from "./zh-engines.ts";
import { zhFirstRun } from "./zh-first-run.ts";
import { zhInventory } from "./zh-inventory.ts";
import { zhManage } from "./zh-manage.ts";
import { zhModules } from "./zh-modules.ts";
import { zhParts } from "./zh-parts.ts";
import { zhRetention } from "./zh-retention.ts";
import { zhRun } from "./zh-run.ts";
import { zhShell } from "./zh-shell.ts";
import { zhZones } from "./zh-zones.ts";

/** Chinese of en-scenes.ts. */
export const zhScenes: ChineseSceneTexts = {
  ...zhManage,
  ...zhApproval,
  ...zhAudit,
  ...zhInventory,
  ...zhModules,
  ...zhClaims,
  ...zhEngines,
  ...zhFirstRun,
  ...zhParts,
  ...zhShell,
  ...zhZones,
  ...zhRun,
  ...zhRetention,
};
