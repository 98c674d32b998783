import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createClient } from "../src/contract/http/client.ts";
import { startOmserver } from "../src/daemon/compose.ts";
import { readConfig } from "../src/daemon/config.ts";
import { createLog } from "../src/daemon/log.ts";
import { createSaltEngine } from "../src/engines/salt/salt-engine.ts";
import { saltSettings } from "../src/engines/salt/settings.ts";
import { createApiToken } from "../src/web/http/sign-in-links.ts";
import { type Salt, startSalt } from "../test/testkit/salt.ts";
import { importHosts, inFolder, rounded, runOnAll } from "./product.ts";

/**
 * `uptime` on real minions of one real master: by the `salt` program, and through the whole product (API, plan, store,
 * signed order, journal, engine, salt-api, live view). Wall time from the start to the last return. The two take turns,
 * and the least disturbed round of each counts, since other programs on the machine only ever add. `laterS` is between
 * those, `medianLaterS` the median of the rounds' own differences. Before each of both is a rest, so that OMServer has
 * not heard of a minion in the last seconds; `firstWallS` is its first run, with minions of which it knows nothing.
 * Options: --minions 10 (a minion takes about 110 MB and its share of two cores), --rounds 5, --rest 6 (seconds).
 */
export async function run(options: Record<string, string>): Promise<object> {
  const count = Number(options.minions ?? 10);
  const rounds = Number(options.rounds ?? 5);
  const rest = Number(options.rest ?? 6);
  const minions = Array.from({ length: count }, (_, number) => `minion${number}`);
  console.error(`starting a master and ${count} minions …`);
  const salt = await startSalt({ minions });
  try {
    return await inFolder(async (folder) => {
      const product = await startProduct(salt, folder);
      try {
        await importHosts(
          product.client,
          minions.map((name) => ({ name, address: "127.0.0.1", engine: "salt" })),
        );
        const ours: number[] = [];
        const theirs: number[] = [];
        const firstWallS = rounded(await seconds(() => runOnAll(product.client, count, ["uptime"], count)));
        for (let round = 0; round < rounds; round += 1) {
          await setTimeout(rest * 1000);
          theirs.push(await seconds(() => salt.salt("salt", "-L", minions.join(","), "-t", "60", "cmd.run", "uptime")));
          await setTimeout(rest * 1000);
          ours.push(await seconds(() => runOnAll(product.client, count, ["uptime"], count)));
          console.error(`round ${round}: salt ${theirs.at(-1)?.toFixed(2)} s, OMServer ${ours.at(-1)?.toFixed(2)} s`);
        }
        const wallS = rounded(Math.min(...ours));
        const saltWallS = rounded(Math.min(...theirs));
        const laterS = rounded(wallS - saltWallS);
        const later = ours.map((each, round) => each - (theirs[round] ?? Number.NaN)).sort((a, b) => a - b);
        const medianLaterS = rounded(later[Math.floor(later.length / 2)] ?? Number.NaN);
        return { bench: "salt", minions: count, wallS, saltWallS, laterS, medianLaterS, firstWallS, rounds };
      } finally {
        await product.stop();
      }
    });
  } finally {
    await salt.stop();
  }
}

async function startProduct(salt: Salt, folder: string) {
  const config = readConfig({}, undefined, { dataFolder: join(folder, "data"), listen: "127.0.0.1:0" });
  const settings = saltSettings.parse({
    url: salt.url,
    caFile: salt.caFile,
    eauth: "file",
    user: salt.user,
    passwordFile: salt.passwordFile,
    answerMilliseconds: 60_000,
  });
  const log = createLog(process.env.BENCH_LOG ?? "error");
  const running = await startOmserver({ config, log, engines: [createSaltEngine(settings)] });
  const user = await running.store.users.create({
    name: "bench",
    role: "administrator",
    scope: { everything: true, functionCategories: [], appCategories: [] },
    passwordHash: "",
  });
  const token = await createApiToken(running.store, user.id, "bench");
  return { client: createClient({ baseUrl: running.url, token }), stop: () => running.stop() };
}

async function seconds(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
