import { join } from "node:path";
import type { Engine } from "../../src/contract/engine.ts";
import { isFinalRunState } from "../../src/contract/states.ts";
import { createMockEngine } from "../../src/engines/mock/mock-engine.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
import type { Store } from "../../src/web/store/store.ts";
import { fixedSigningKeys, joinSides, openControllerSide, openWebSide, operator, plannedRun } from "./spine.ts";

/**
 * One life of the product's parts, for the kill test: takes up what an earlier life left, starts one run more, and
 * either kills itself with SIGKILL at a named point or exits with 0 when every run is final.
 */
const [folder = "", run = "", point = "", count = "1", variant = ""] = process.argv.slice(2);

let left = Number(count);
function pass(passed: string): void {
  if (passed !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

function killable(store: Store): Store {
  const { create, apply, orderAccepted } = store.runs;
  function around<Given extends unknown[], Result>(name: string, method: (...given: Given) => Promise<Result>) {
    return async (...given: Given): Promise<Result> => {
      pass(`${name}.before`);
      const result = await method(...given);
      pass(`${name}.after`);
      return result;
    };
  }
  const runs = {
    ...store.runs,
    create: around("create", create),
    apply: around("apply", apply),
    orderAccepted: around("accepted", orderAccepted),
  };
  return { ...store, runs };
}

/** What a careless program does: begins a host without waiting for its intent to be on disk. */
function careless(engine: Engine): Engine {
  return {
    ...engine,
    run(job, signal) {
      async function intend(positions: readonly number[]): Promise<readonly number[]> {
        void job.intend(positions);
        return positions;
      }
      return engine.run({ ...job, intend }, signal);
    },
  };
}

const signingKey = fixedSigningKeys(folder);
const mock = createMockEngine({ ledgerFile: join(folder, "ledger") });
const engine = variant === "careless" ? careless(mock) : mock;
const web = await openWebSide({ folder, signingKey, around: killable });
const controller = await openControllerSide({ folder, engines: [engine], signingKey, observe: pass });
const link = joinSides(web, controller);

const manifest = adhocModule({ command: ["mock", "latency=1..30", "stdout=what it printed"] });
const planned = plannedRun(40, { width: 12, waveSize: 25, module: { id: 0, version: 1, manifest } });
await web.dispatcher.start({ planned, query: "*", actor: operator, idempotencyKey: run });
for (const { id } of await web.store.runs.unfinished()) {
  for await (const item of web.live.follow(id, "all", {}, AbortSignal.timeout(20_000))) {
    if (item.kind === "run" && isFinalRunState(item.frame.run.state)) break;
  }
}
await link.cut();
await controller.close();
await mock.close();
await web.close();
