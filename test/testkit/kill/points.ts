import { journalWrites } from "../../../src/controller/observe.ts";
import type { RunRepository } from "../../../src/web/store/repositories/runs.ts";

/** What the web server writes of runs. */
const storeWrites = [
  "create",
  "orderAccepted",
  "orderRefused",
  "requestCancel",
  "adoptShare",
  "apply",
] as const satisfies readonly (keyof RunRepository)[];

export type Role = "web" | "controller";

/** Just before and just after each durable write, by the process that passes there. */
export const namedPoints: Readonly<Record<Role, readonly string[]>> = {
  web: around(storeWrites),
  controller: around([...journalWrites, "recover"]),
};

function around(names: readonly string[]): string[] {
  return names.flatMap((name) => [`${name}.before`, `${name}.after`]);
}

export interface ArmedPoint {
  readonly point: string;
  /** At the so manieth passing. */
  readonly count: number;
}

/** Ends this process with SIGKILL where it passes the point that it was armed with last. */
export function createKillSwitch(first: ArmedPoint | undefined): {
  readonly pass: (point: string) => void;
  readonly arm: (armed: ArmedPoint) => void;
} {
  let armed = first;
  let left = first?.count ?? 0;
  return {
    pass(point) {
      if (point !== armed?.point) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, "SIGKILL");
    },
    arm(next) {
      armed = next;
      left = next.count;
    },
  };
}

/** The same repository, which tells where its writes begin and end. */
export function observedRuns(runs: RunRepository, pass: (point: string) => void): RunRepository {
  function around<Given extends unknown[], Result>(name: string, method: (...given: Given) => Promise<Result>) {
    return async (...given: Given): Promise<Result> => {
      pass(`${name}.before`);
      const result = await method(...given);
      pass(`${name}.after`);
      return result;
    };
  }
  return {
    ...runs,
    create: around("create", runs.create),
    orderAccepted: around("orderAccepted", runs.orderAccepted),
    orderRefused: around("orderRefused", runs.orderRefused),
    requestCancel: around("requestCancel", runs.requestCancel),
    adoptShare: around("adoptShare", runs.adoptShare),
    apply: around("apply", runs.apply),
  };
}
