import { OmError } from "../../contract/errors.ts";
import type { Permission } from "../../contract/http/route.ts";
import type { Danger } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { mayRun } from "../access/permissions.ts";
import type { Who } from "./who.ts";

/** Where what runs comes from: the catalogue, a command or script that was typed for once, or a module not saved yet. */
export type RunSource = "catalogue" | "typed" | "draft";

const needed: Readonly<Record<RunSource, readonly Permission[]>> = {
  catalogue: ["runs.start"],
  typed: ["runs.start", "runs.adhoc"],
  draft: ["runs.start", "modules.write", "runs.adhoc"],
};

type Somebody = Pick<Who, "user" | "permissions">;

/** Why somebody may not start something from there (`access.denied`); undefined when they may. */
export function sourceRefusal({ user, permissions }: Somebody, source: RunSource): OmError | undefined {
  const permission = needed[source].find((each) => !permissions.has(each));
  if (permission === undefined) return undefined;
  return new OmError("access.denied", reasonText("permission_missing", { permission, user: user.name }));
}

/** Why somebody may not start this module on whatever hosts they see (`access.denied`); undefined when they may. */
export function moduleRefusal({ user }: Somebody, module: string, danger: Danger): OmError | undefined {
  if (mayRun(user, danger)) return undefined;
  const sentence = { read: "danger_read", change: "danger_change", destructive: "danger_destructive" } as const;
  return new OmError(
    "access.denied",
    reasonText("may_not_run", { user: user.name, module, danger: reasonText(sentence[danger]) }),
  );
}
