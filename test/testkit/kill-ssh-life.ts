import { setTimeout } from "node:timers/promises";
import { isFinalRunState } from "../../src/contract/states.ts";
import { createSshEngine } from "../../src/engines/ssh/ssh-engine.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
import {
  fixedSigningKeys,
  joinSides,
  mockHost,
  openControllerSide,
  openWebSide,
  operator,
  plannedRun,
} from "./spine.ts";
import { keptIn } from "./sshd.ts";

/**
 * One life of the product's parts with SSH hosts, for the kill campaign: takes up what an earlier life left, starts one
 * run (unless it is the last life, without a command) and exits with 0 when every run is final. The last one also gives
 * hosts, which keep what they ran in `state`, a while to hear that they may forget: that goes on in the background.
 */
const [folder = "", port = "", width = "1", command = "", state = ""] = process.argv.slice(2);

const signingKey = fixedSigningKeys(folder);
const engine = createSshEngine({ threads: 1 });
const web = await openWebSide({ folder, signingKey });
const controller = await openControllerSide({ folder, engines: [engine], signingKey });
const link = joinSides(web, controller);
if (command !== "") {
  const hosts = Array.from({ length: Number(width) }, (_, index) =>
    mockHost(index, { innerAddress: `127.1.0.${index + 1}`, port: Number(port), engines: ["ssh"] }),
  );
  const manifest = adhocModule({ command: ["/bin/sh", "-c", command] });
  const planned = plannedRun(0, {
    hosts,
    connectTimeoutMilliseconds: 20_000,
    defaultTimeoutMilliseconds: 60_000,
    module: { id: 0, version: 1, manifest },
  });
  await web.dispatcher.start({ planned, query: "*", actor: operator });
}
for (const { id } of await web.store.runs.unfinished()) {
  for await (const item of web.live.follow(id, "all", {}, AbortSignal.timeout(120_000))) {
    if (item.kind === "run" && isFinalRunState(item.frame.run.state)) break;
  }
}
const patience = AbortSignal.timeout(30_000);
while (state !== "" && keptIn(state).length > 0 && !patience.aborted) await setTimeout(100);
await link.cut();
await controller.close();
await engine.close();
await web.close();
