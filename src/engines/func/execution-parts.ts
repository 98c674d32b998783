import type { EngineHost, EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { PosixTask } from "../../modules/posix.ts";
import type { Program } from "../../modules/posix-words.ts";
import type { HostOutput } from "./host-output.ts";
import type { JobPrograms } from "./job-programs.ts";
import type { MinionSession } from "./minion-session.ts";
import type { Asked, Stop } from "./stop.ts";

/** What an execution knows of its job. */
export interface FuncJob extends Pick<EngineJob, "task" | "become" | "limits"> {
  /** The content of the task's file, in order; read once at a time. */
  file(): AsyncIterable<Uint8Array>;
  /** The texts of its task. */
  programs(task: PosixTask): JobPrograms;
}

/** All that one host's share of a job needs. */
export interface ExecutionParts {
  readonly host: EngineHost;
  readonly job: FuncJob;
  readonly session: MinionSession;
  readonly hostFolder: string;
  readonly stop: Stop;
  readonly output: HostOutput;
  /** It has begun on the host; from now on its time runs. */
  started(): void;
  notice(message: string): void;
}

/** One attempt at a task: its nonce names its folder on the host, and so its claim. */
export interface Attempt {
  readonly nonce: string;
  readonly program: Program;
  /** Files wait in its folder on the host, which is to be removed. */
  uploaded: boolean;
}

/** What a stop means in a sentence's first half. */
export function whyEnded(asked: Asked, job: FuncJob): string {
  return asked === "cancelled"
    ? reasonText("engine_why_cancelled")
    : `It ran longer than ${job.limits.runMilliseconds / 1000} s`;
}

export function deniedReason(host: EngineHost, method: string): string {
  return reasonText("func_access", { host: host.name, method });
}
