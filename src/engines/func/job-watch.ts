import { reasonText } from "../../contract/reasons.ts";
import type { Answer } from "./answers.ts";
import { CallFailure } from "./minion-calls.ts";
import type { MinionSession } from "./minion-session.ts";
import type { Asked, Stop } from "./stop.ts";

export type JobEnd =
  | { readonly kind: "finished"; readonly answer: Answer }
  | { readonly kind: "asked"; readonly asked: Asked }
  /** The minion does not know the job any more, or could not be asked for too long. A clause. */
  | { readonly kind: "lost"; readonly why: string };

const firstPause = 40;
const longestPause = 5000;
const growth = 1.5;
/** A minion that cannot be asked for so long is given up; funcd may be restarted meanwhile. */
const silenceMilliseconds = 60_000;

/** Asks for a job at growing intervals until it has ended, somebody wants it to, or it is lost. */
export async function watchJob(session: MinionSession, job: string, stop: Stop): Promise<JobEnd> {
  let silentSince: number | undefined;
  for (let pause = firstPause; ; pause = Math.min(pause * growth, longestPause)) {
    const asked = await stop.pause(pause);
    if (asked !== undefined) return { kind: "asked", asked };
    try {
      const state = await stop.orAsked(session.jobState(job));
      if (typeof state === "string") return { kind: "asked", asked: state };
      silentSince = undefined;
      if (state.kind === "finished") return state;
      if (state.kind === "lost") return { kind: "lost", why: reasonText("func_job_forgotten") };
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      silentSince ??= performance.now();
      if (performance.now() - silentSince > silenceMilliseconds) return { kind: "lost", why: error.message };
    }
  }
}

/** The end of a job whose processes are gone: it comes within moments, or not at all. */
export async function lastWord(session: MinionSession, job: string, milliseconds: number): Promise<Answer | undefined> {
  const until = performance.now() + milliseconds;
  for (let pause = 100; ; pause = Math.min(pause * growth, 1000)) {
    try {
      const state = await session.jobState(job);
      if (state.kind === "finished") return state.answer;
      if (state.kind === "lost") return undefined;
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
    }
    if (performance.now() > until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
