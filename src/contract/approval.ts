/** Which runs wait for a second person: none, those that destroy, or those that change something and those that destroy. */
export const approvalPolicies = ["nobody", "destructive", "change"] as const;
export type ApprovalPolicy = (typeof approvalPolicies)[number];
