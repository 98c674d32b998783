import type { EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { PosixTask } from "../../modules/posix.ts";
import { type Carrier, type Ending, noKey, nothing, notStarted, within } from "./ending.ts";
import { Execution } from "./execution.ts";
import type { Lane } from "./lane.ts";
import { createNativeCarrier } from "./native.ts";
import { minionCall, newNonce, readAnswer } from "./orders.ts";
import { createSendings, type Sendings } from "./sendings.ts";
import { createStaging } from "./staging.ts";
import { secretsOf, taskOrder } from "./task-order.ts";
import { createWatch } from "./watch.ts";

const compareMilliseconds = 60_000;

/** The way of this job's task to a minion. */
export function createCarrier(lane: Lane): Carrier {
  const { task } = lane.job;
  if (task.kind === "playbook") throw new Error(reasonText("salt_no_playbook"));
  return task.kind === "native" ? createNativeCarrier(lane, task) : createProgramCarrier(lane, task);
}

/** Commands, scripts and files, by the programs in on-minion/. */
function createProgramCarrier(lane: Lane, task: PosixTask): Carrier {
  const { settings } = lane;
  const secrets = secretsOf(task);
  const secretsApart = settings.fileRoot !== undefined && Object.keys(secrets).length > 0;
  const order = taskOrder(lane.job, task, secretsApart);
  const staging = createStaging(lane);
  const watch = createWatch(lane);
  /** By execution: what its order has removed along. */
  const along = new Map<string, readonly string[]>();
  const compares = createSendings(lane.jobs, () => minionCall({ ...order, do: "compare" }));
  /** By what else the order says: where the content lies differs from minion to minion when its cache does. */
  const runs = new Map<string, Sendings>();

  function runsWith(extra: Readonly<Record<string, unknown>>): Sendings {
    const key = JSON.stringify(extra);
    const found =
      runs.get(key) ??
      createSendings(lane.jobs, (minions) => {
        const nonce = typeof extra.id === "string" ? extra.id : newNonce();
        const drop = lane.clearing.along(minions);
        along.set(nonce, drop);
        return { ...minionCall({ ...order, ...extra, id: nonce, drop }), nonce };
      });
    runs.set(key, found);
    return found;
  }
  /** What the order must say beside the task; an ending where the host cannot be served. */
  async function stage(host: EngineHost): Promise<Readonly<Record<string, unknown>> | Ending> {
    let extra: Readonly<Record<string, unknown>> = {};
    if (task.kind === "file" && !lane.job.check) {
      const needs = await needsContent(host);
      if (typeof needs === "string") return notStarted(needs);
      const staged = needs ? await staging.content(host) : undefined;
      if (staged?.kind === "not_there") return notStarted(staged.reason);
      extra = { ...extra, ...staged?.order };
    }
    if (!secretsApart) return extra;
    const staged = await staging.secrets(host, secrets);
    return staged.kind === "there" ? { ...extra, ...staged.order } : notStarted(staged.reason);
  }
  async function needsContent(host: EngineHost): Promise<boolean | string> {
    const sent = await compares.send(host.name);
    if (sent.kind === "no_key") return noKey(host).reason ?? "";
    if (sent.kind === "fault") return sent.message;
    const value = await within(compareMilliseconds, sent.answer);
    if (value === undefined) return reasonText("salt_not_compared", { host: host.name });
    const answer = readAnswer(value);
    return answer.kind === "answer" ? answer.value.content === true : answer.reason;
  }

  return {
    async carry(host) {
      const extra = await stage(host);
      if ("state" in extra) return nothing(extra as Ending);
      const sent = await runsWith(extra).send(host.name);
      if (sent.kind === "no_key") return nothing(noKey(host));
      if (sent.kind === "fault" && !sent.perhapsSent) return nothing(notStarted(sent.message));
      lane.clearing.begun(host.name, sent.nonce);
      // Where it is not known what became of it, what it left may tell, and must keep it from beginning late.
      let wanted = true;
      try {
        const execution = new Execution(lane, host, sent.nonce, sent.answer);
        const ending = await execution.end(watch);
        if (execution.isAnswered) lane.clearing.removed(host.name, along.get(sent.nonce) ?? []);
        wanted = ending.state === "unknown";
        return { ending, ...execution.totals };
      } finally {
        lane.clearing.over(host.name, sent.nonce, wanted);
      }
    },
    async close() {
      watch.close();
      compares.close();
      for (const each of runs.values()) each.close();
      await staging.close();
    },
  };
}
