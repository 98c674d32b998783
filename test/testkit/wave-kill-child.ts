import { join } from "node:path";
import { isFinalRunState } from "../../src/contract/states.ts";
import { createMockEngine } from "../../src/engines/mock/mock-engine.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
import type { Store } from "../../src/web/store/store.ts";
import {
  fixedSigningKeys,
  joinSides,
  mockHost,
  openControllerSide,
  openWebSide,
  operator,
  plannedRun,
} from "./spine.ts";

/**
 * One life of a web server with two controllers, for the kill test of waves: takes up what an earlier life left, starts
 * one run more over the hosts of both, and is killed from outside or exits with 0 when every run is final. The careless
 * variant releases every wave at once.
 */
const [folder = "", run = "", variant = ""] = process.argv.slice(2);

const waveSize = 6;
const names = ["bj-1", "sh-1"];

function careless(store: Store): Store {
  const releases: Store["runs"]["releases"] = async (runUid) =>
    (await store.runs.releases(runUid)).map((release) => ({ ...release, wave: 1000 }));
  return { ...store, runs: { ...store.runs, releases } };
}

const signingKey = fixedSigningKeys(folder);
const web = await openWebSide({
  folder,
  signingKey,
  controllers: Object.fromEntries(names.map((name) => [name, name.slice(0, 2)])),
  ...(variant === "careless" ? { around: careless } : {}),
});
const engine = createMockEngine({ ledgerFile: join(folder, "ledger") });
const joined = [];
for (const name of names) {
  const controller = await openControllerSide({ folder, engines: [engine], signingKey, name });
  joined.push({ controller, link: joinSides(web, controller) });
}
const manifest = adhocModule({ command: ["mock", "latency=1..25", "stdout=what it printed"] });
const hosts = Array.from({ length: 36 }, (_, at) =>
  mockHost(at, { zone: names[at % 5 < 2 ? 0 : 1]?.slice(0, 2) ?? "" }),
);
const planned = plannedRun(hosts.length, { hosts, width: 1, waveSize, module: { id: 0, version: 1, manifest } });
await web.dispatcher.start({ planned, query: "*", actor: operator, idempotencyKey: run });
process.stdout.write("started\n");
for (const { id } of await web.store.runs.unfinished()) {
  for await (const item of web.live.follow(id, "all", {}, AbortSignal.timeout(20_000))) {
    if (item.kind === "run" && isFinalRunState(item.frame.run.state)) break;
  }
}
for (const { controller, link } of joined) {
  await link.cut();
  await controller.close();
}
await engine.close();
await web.close();
