import { journalWrites } from "../../../src/controller/observe.ts";
import type { RunRepository, WaitingEnd } from "../../../src/web/store/repositories/runs.ts";

/** What the web server writes of a run that waits for a second person. */
const approvalWrites = ["ask", "approve", "reject", "withdraw", "expire"] as const;
type ApprovalWrite = (typeof approvalWrites)[number];

const endingWrites: Readonly<Record<WaitingEnd["state"], ApprovalWrite>> = {
  rejected: "reject",
  cancelled: "withdraw",
  expired: "expire",
};

/** What the web server writes of runs. */
const storeWrites = [
  "create",
  "orderAccepted",
  "orderRefused",
  "requestCancel",
  "adoptShare",
  "apply",
  ...approvalWrites,
] as const satisfies readonly (keyof RunRepository | ApprovalWrite)[];
type StoreWrite = (typeof storeWrites)[number];

export type Role = "web" | "controller";

/** Just before and just after each durable write, by the process that passes there. */
export const namedPoints: Readonly<Record<Role, readonly string[]>> = {
  web: around(storeWrites),
  controller: around([...journalWrites, "recover"]),
};

export const approvalPoints = around(approvalWrites);

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
  async function passing<Result>(name: StoreWrite, write: () => Promise<Result>): Promise<Result> {
    pass(`${name}.before`);
    const result = await write();
    pass(`${name}.after`);
    return result;
  }
  function around<Given extends unknown[], Result>(name: StoreWrite, method: (...given: Given) => Promise<Result>) {
    return (...given: Given): Promise<Result> => passing(name, () => method(...given));
  }
  return {
    ...runs,
    create: (run) => passing(run.approval === undefined ? "create" : "ask", () => runs.create(run)),
    approve: around("approve", runs.approve),
    endWaiting: (id, end) => passing(endingWrites[end.state], () => runs.endWaiting(id, end)),
    orderAccepted: around("orderAccepted", runs.orderAccepted),
    orderRefused: around("orderRefused", runs.orderRefused),
    requestCancel: around("requestCancel", runs.requestCancel),
    adoptShare: around("adoptShare", runs.adoptShare),
    apply: around("apply", runs.apply),
  };
}
