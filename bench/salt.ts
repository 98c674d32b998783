import { join } from "node:path";
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
 * and the least disturbed round of each counts, since other programs on the machine only ever add.
 * Options: --minions 10 (a minion takes about 110 MB and its share of two cores), --rounds 5.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const count = Number(options.minions ?? 10);
  const rounds = Number(options.rounds ?? 5);
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
        for (let round = 0; round < rounds; round += 1) {
          theirs.push(seconds(() => salt.salt("salt", "-L", minions.join(","), "-t", "60", "cmd.run", "uptime")));
          const begun = performance.now();
          await runOnAll(product.client, count, ["uptime"], count);
          ours.push((performance.now() - begun) / 1000);
          console.error(`round ${round}: salt ${theirs.at(-1)?.toFixed(2)} s, OMServer ${ours.at(-1)?.toFixed(2)} s`);
        }
        const wallS = rounded(Math.min(...ours));
        const saltWallS = rounded(Math.min(...theirs));
        return { bench: "salt", minions: count, wallS, saltWallS, laterS: rounded(wallS - saltWallS), rounds };
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

function seconds(work: () => void): number {
  const begun = performance.now();
  work();
  return (performance.now() - begun) / 1000;
}
