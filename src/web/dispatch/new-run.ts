import type { NewExecution } from "../store/repositories/executions.ts";
import type { NewRun } from "../store/repositories/runs.ts";
import type { StartRun } from "./dispatcher.ts";

/** What the store keeps of a run from its beginning on, besides its orders and the controllers of its hosts. */
export type FrozenRun = Omit<NewRun, "orders" | "coordinated" | "executions" | "approval">;

export function frozenRun({ planned, query, actor, rerunOf, idempotencyKey }: StartRun, uid: string): FrozenRun {
  const { id: moduleId, version: moduleVersion, manifest } = planned.module;
  return {
    uid,
    moduleId,
    moduleVersion,
    moduleKey: manifest.key,
    moduleName: manifest.name,
    danger: planned.danger,
    parameters: planned.shownParameters,
    query,
    planSha256: planned.planSha256,
    width: planned.width,
    ...(planned.waveSize === undefined ? {} : { waveSize: planned.waveSize }),
    ...(planned.maxFailures === undefined ? {} : { maxFailures: planned.maxFailures }),
    becomeUser: planned.becomeUser,
    timeoutMilliseconds: planned.timeoutMilliseconds,
    check: planned.check,
    requestedBy: actor.name,
    requestedByUserId: actor.userId,
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** The hosts of a run as they are frozen; without `controllerOf` none of them has a controller yet. */
export function frozenHosts(
  { planned }: Pick<StartRun, "planned">,
  controllerOf?: ReadonlyMap<number, string>,
): NewExecution[] {
  return planned.hosts.map(({ position, host, engine, address, wave, skipped }) => {
    const controller = controllerOf?.get(position) ?? "";
    const { id: hostId, name: hostName, appCategoryId } = host;
    const share = { position, hostId, hostName, address, engine, appCategoryId, controller, wave };
    return skipped === undefined ? share : { ...share, skipped };
  });
}
