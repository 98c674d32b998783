import type { PlannedHost } from "../../contract/link/controller_pb.ts";

/** Hosts that one engine takes at a time. */
export interface Group {
  readonly engine: string;
  readonly hosts: readonly PlannedHost[];
  readonly width: number;
}

/** Groups of a stage run at once; a stage begins when the one before it has ended. */
export interface Stage {
  readonly wave: number;
  readonly groups: readonly Group[];
}

/**
 * Wave after wave, each split by engine. The engines of a wave share the run's width in proportion to their hosts; where
 * it is too narrow for all of them to run at once they go one after another, so that it is never exceeded.
 */
export function stagesOf(hosts: readonly PlannedHost[], width: number): Stage[] {
  const waves = [...Map.groupBy(hosts, (host) => host.wave)].sort(([a], [b]) => a - b);
  return waves.flatMap(([wave, members]) => splitWave(members, Math.max(1, width)).map((groups) => ({ wave, groups })));
}

function splitWave(hosts: readonly PlannedHost[], width: number): (readonly Group[])[] {
  const byEngine = [...Map.groupBy(hosts, (host) => host.engine)];
  if (byEngine.length > width) return byEngine.map(([engine, members]) => [{ engine, hosts: members, width }]);
  const spare = width - byEngine.length;
  const groups = byEngine.map(([engine, members]) => ({
    engine,
    hosts: members,
    width: 1 + Math.floor((spare * members.length) / hosts.length),
  }));
  return [groups];
}
