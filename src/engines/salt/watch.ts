import { within } from "./ending.ts";
import type { Execution, Watch } from "./execution.ts";
import type { Lane } from "./lane.ts";
import { minionCall, readAnswer } from "./orders.ts";
import { asRecord } from "./record.ts";
import { createSendings } from "./sendings.ts";

const endMilliseconds = 30_000;
const shortestRoundMilliseconds = 250;

/** Looks at the executions of a job, many minions at a time, and ends them. */
export function createWatch(lane: Lane): Watch & { close(): void } {
  const running = new Set<Execution>();
  const ending = new Set<Execution>();
  const looking = new Set<string>();
  const looks = createSendings(lane.jobs, () => minionCall({ do: "look", ids: nonces(running), room: 192 * 1024 }), {
    keep: 4,
  });
  const ends = createSendings(lane.jobs, () => minionCall({ do: "end", ids: nonces(ending) }));
  let timer: NodeJS.Timeout | undefined;

  /** A minion that has not answered a look is not asked again before this. */
  function lookPatience(): number {
    return Math.max(lane.settings.answerMilliseconds, 5 * lane.signs.pace);
  }
  /** Each look is a job of Salt's: with many hosts under way the rounds are further apart. */
  function schedule(): void {
    if (timer !== undefined || running.size === 0) return;
    timer = setTimeout(lookAll, Math.max(shortestRoundMilliseconds, 10 * running.size));
  }
  function lookAll(): void {
    timer = undefined;
    const now = performance.now();
    const due = new Set<string>();
    for (const execution of running) {
      if (now < execution.lookAt) continue;
      due.add(execution.host.name);
      const { lookMilliseconds } = lane.settings;
      const pause = Math.max(lookMilliseconds, Math.min((now - execution.sentAt) / 20, 15_000), 3 * lane.signs.pace);
      execution.lookAt = now + pause;
    }
    for (const minion of due) if (!looking.has(minion)) void lookAt(minion);
    schedule();
  }
  async function lookAt(minion: string): Promise<void> {
    const asked = [...running].filter((execution) => execution.host.name === minion);
    looking.add(minion);
    const sent = await looks.send(minion);
    const sentAt = performance.now();
    const value = sent.kind === "sent" ? await within(lookPatience(), sent.answer) : undefined;
    looking.delete(minion);
    const answer = value === undefined ? undefined : readAnswer(value);
    if (value !== undefined) lane.signs.answered(performance.now() - sentAt);
    // Silence is the minion's where the master's bus brought the look itself.
    else if (sent.kind === "sent" && lane.jobs.heardAt > sentAt)
      for (const execution of asked) if (running.has(execution)) execution.unanswered();
    if (answer?.kind !== "answer") return;
    const looked = asRecord(answer.value.looked);
    for (const execution of asked) if (running.has(execution)) execution.looked(looked[execution.nonce]);
  }

  return {
    add(execution) {
      running.add(execution);
      schedule();
    },
    remove(execution) {
      running.delete(execution);
      if (running.size > 0) return;
      clearTimeout(timer);
      timer = undefined;
    },
    async end(execution) {
      ending.add(execution);
      const sent = await ends.send(execution.host.name);
      if (sent.kind !== "sent") return undefined;
      const value = await within(endMilliseconds, sent.answer);
      return value === undefined ? undefined : readAnswer(value);
    },
    close() {
      clearTimeout(timer);
      looks.close();
      ends.close();
    },
  };
}

function nonces(executions: ReadonlySet<Execution>): string[] {
  return [...new Set([...executions].map((execution) => execution.nonce))];
}
