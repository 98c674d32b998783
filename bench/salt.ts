import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createClient } from "../src/contract/http/client.ts";
import { startOmserver } from "../src/daemon/compose.ts";
import { readConfig } from "../src/daemon/config.ts";
import { createLog } from "../src/daemon/log.ts";
import { createSaltEngine } from "../src/engines/salt/salt-engine.ts";
import { saltSettings } from "../src/engines/salt/settings.ts";
import { createApiToken } from "../src/web/http/sign-in-links.ts";
import { cpuOfEndedChildren } from "../test/testkit/process-groups.ts";
import { type Salt, startSalt } from "../test/testkit/salt.ts";
import { importHosts, inFolder, rounded, runOnAll } from "./product.ts";

/**
 * `uptime` on real minions of one real master: by the `salt` program, and through the whole product (API, plan, store,
 * signed order, journal, engine, salt-api, live view). Wall time from the start to the last return. The two take turns,
 * and the least disturbed round of each counts, since other programs on the machine only ever add. `laterS` is between
 * those, `medianLaterS` the median of the rounds' own differences. After each of both is a rest, so that OMServer has
 * not heard of a minion in the last seconds; `firstWallS` is its first run, with minions of which it knows nothing.
 * `cpuMsPerMinion` and `saltCpuMsPerMinion` are what a command took of CPU in all until the end of the rest, the median of
 * the rounds: minions, master, salt-api, and the whole product or the `salt` program; without what all take at rest. They
 * hold on a machine that does other work too, where wall time tells little.
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
        const ours: Cost[] = [];
        const theirs: Cost[] = [];
        const cost = await costs(salt, rest * 1000);
        const runOurs = () => runOnAll(product.client, count, ["uptime"], count);
        const runTheirs = () => salt.salt("salt", "-L", minions.join(","), "-t", "60", "cmd.run", "uptime");
        const first = await cost(runOurs);
        for (let round = 0; round < rounds; round += 1) {
          const their = await cost(runTheirs);
          const our = await cost(runOurs);
          theirs.push(their);
          ours.push(our);
          const text = ({ wallS, cpuMs }: Cost) =>
            `${wallS.toFixed(2)} s (CPU ${(cpuMs / count).toFixed(0)} ms a minion)`;
          console.error(`round ${round}: salt ${text(their)}, OMServer ${text(our)}`);
        }
        const wallS = rounded(Math.min(...ours.map((each) => each.wallS)));
        const saltWallS = rounded(Math.min(...theirs.map((each) => each.wallS)));
        return {
          ...{ bench: "salt", minions: count, wallS, saltWallS, laterS: rounded(wallS - saltWallS) },
          medianLaterS: rounded(median(ours.map((each, round) => each.wallS - (theirs[round]?.wallS ?? Number.NaN)))),
          firstWallS: rounded(first.wallS),
          cpuMsPerMinion: rounded(median(ours.map((each) => each.cpuMs)) / count),
          saltCpuMsPerMinion: rounded(median(theirs.map((each) => each.cpuMs)) / count),
          rounds,
        };
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

interface Cost {
  readonly wallS: number;
  readonly cpuMs: number;
}

/** Measures work and the rest after it; what everything takes when nothing is asked of it is left out. */
async function costs(salt: Salt, restMilliseconds: number): Promise<(work: () => unknown) => Promise<Cost>> {
  function cpu(): number {
    const { user, system } = process.cpuUsage();
    return salt.cpu() + cpuOfEndedChildren() + (user + system) / 1000;
  }
  async function measured(work: () => unknown): Promise<{ wall: number; cpu: number; all: number }> {
    const before = cpu();
    const begun = performance.now();
    await work();
    const wall = performance.now() - begun;
    await setTimeout(restMilliseconds);
    const all = performance.now() - begun;
    return { wall, cpu: cpu() - before, all };
  }
  await setTimeout(restMilliseconds);
  const idle = await measured(() => undefined);
  return async (work) => {
    const found = await measured(work);
    return { wallS: found.wall / 1000, cpuMs: found.cpu - (idle.cpu * found.all) / idle.all };
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
