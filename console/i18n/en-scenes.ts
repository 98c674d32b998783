import type { WithoutSingular } from "./en.ts";
import { enApproval } from "./en-approval.ts";
import { enAudit } from "./en-audit.ts";
import { enClaims } from "./en-claims.ts";
import { enEngines } from "./en-engines.ts";
import { enFirstRun } from "./en-first-run.ts";
import { enInventory } from "./en-inventory.ts";
import { enManage } from "./en-manage.ts";
import { enModules } from "./en-modules.ts";
import { enParts } from "./en-parts.ts";
import { enRetention } from "./en-retention.ts";
import { enRun } from "./en-run.ts";
import { enShell } from "./en-shell.ts";
import { enZones } from "./en-zones.ts";

/** English: what no page needs before another scene than the operate page, or a run, is opened. */
export const enScenes = {
  ...enManage,
  ...enApproval,
  ...enAudit,
  ...enInventory,
  ...enModules,
  ...enClaims,
  ...enEngines,
  ...enFirstRun,
  ...enParts,
  ...enShell,
  ...enZones,
  ...enRun,
  ...enRetention,
};

export type ChineseSceneTexts = WithoutSingular<typeof enScenes>;
