import type { ApprovalPolicy } from "../../contract/approval.ts";
import type { Danger } from "../../contract/module.ts";

const needing: Readonly<Record<ApprovalPolicy, ReadonlySet<Danger>>> = {
  nobody: new Set(),
  destructive: new Set<Danger>(["destructive"]),
  change: new Set<Danger>(["change", "destructive"]),
};

/**
 * Whether a run of this danger waits for a second person. A dry run does as well: what it really leaves alone is up to
 * the module (a playbook's task can say `check_mode: false`), and so would be a way around the policy.
 */
export function needsApproval(policy: ApprovalPolicy, danger: Danger): boolean {
  return needing[policy].has(danger);
}
