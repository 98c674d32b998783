import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openLinkRig, tallyOf } from "./link-rig.ts";
import { until } from "./spine.ts";

/**
 * With the controller's folder on the small file system `process.argv[2]`: fills it up while a run goes on, starts another
 * run, frees it again, and prints the tally as JSON.
 */
const [small = ""] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "omserver-full-disk-web-"));
const rig = await openLinkRig({ folder, controllerFolder: small });
try {
  const before = await rig.start(200);
  await until(rig.web, before, (item) => item.kind === "run" && item.frame.run.counts.ok > 20);
  const ballast = join(small, "ballast");
  fill(ballast);
  await sleep(1000);
  const amid = await rig.start(100);
  await sleep(1500);
  const begunWhileFull = rig.ledger.filter((name) => name.startsWith(amid.uid)).length;
  if (begunWhileFull > 0) throw new Error("a run began although its order cannot be on disk");
  rmSync(ballast);
  console.log(JSON.stringify(await tallyOf(rig, [before, amid])));
} finally {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
}

function fill(file: string): void {
  const descriptor = openSync(file, "w");
  const block = Buffer.alloc(64 * 1024);
  try {
    for (let size = block.byteLength; size >= 1; ) {
      try {
        writeSync(descriptor, block, 0, size);
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
