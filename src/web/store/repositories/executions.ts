import type { EngineId, OutputStream, StepStatus } from "../../../contract/engine.ts";
import type { ExecutionState, FinalExecutionState, OutputCompleteness } from "../../../contract/states.ts";

export interface NewExecution {
  /** 0-based place in the frozen list; the executions of a run are 0 … n-1. */
  readonly position: number;
  readonly hostId: number;
  readonly hostName: string;
  readonly address: string;
  readonly engine: EngineId;
  readonly appCategoryId: number;
  /** Empty for a skipped host. */
  readonly controller: string;
  readonly wave: number;
  /** Why this host takes no part: it is `skipped` from the start, and no controller ever speaks of it. */
  readonly skipped?: string;
}

export interface Execution {
  readonly position: number;
  readonly hostId: number;
  readonly hostName: string;
  readonly address: string;
  readonly engine: EngineId;
  readonly appCategoryId: number;
  readonly wave: number;
  readonly state: ExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly reason: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Bytes that the host sent; the kept ones may be fewer. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output?: OutputCompleteness;
  /** SHA-256 hex of the kept stream; undefined while it grows; the hash of nothing for empty. */
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
  /** `Run.liveSeq` at this row's last change. */
  readonly liveSeq: number;
}

/** Events of one controller for one run, already decoded and folded per host by ingest. */
export interface RunChange {
  readonly runUid: string;
  readonly controller: string;
  /** The batch holds the controller's events `firstSeq … lastSeq`, without gaps. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly dispatching: readonly number[];
  readonly running: readonly { readonly position: number; readonly at: number }[];
  readonly output: readonly {
    readonly position: number;
    readonly stream: OutputStream;
    readonly offset: number;
    readonly data: Uint8Array;
  }[];
  readonly ended: readonly EndedExecution[];
  /** Left out where there are none, as with `facts`. */
  readonly steps?: readonly {
    readonly position: number;
    /** Of its event. */
    readonly seq: number;
    readonly step: Omit<ExecutionStep, "seq">;
  }[];
  readonly facts?: readonly { readonly position: number; readonly at: number; readonly facts: HostFacts["facts"] }[];
  readonly notices?: readonly (ExecutionNotice & { readonly position: number })[];
  /** The controller has nothing more to say about this run. */
  readonly runEnded: boolean;
}

export interface EndedExecution {
  readonly position: number;
  readonly at: number;
  readonly state: FinalExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly reason: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output: OutputCompleteness;
  /** Rest of the stream from `offset`; what came before is in earlier `output` chunks. */
  readonly stdout: { readonly offset: number; readonly data: Uint8Array };
  readonly stderr: { readonly offset: number; readonly data: Uint8Array };
}

/** One step of a host's share of a run (an Ansible task, a Salt state); `seq` keeps their order. */
export interface ExecutionStep {
  readonly seq: number;
  /** Where it belongs, outermost first: play, role … */
  readonly path: readonly string[];
  readonly name: string;
  readonly action: string;
  readonly status: StepStatus;
  readonly message: string;
  readonly diff: string;
  readonly milliseconds?: number;
}

/** What an engine had to tell of a host besides its output; `seq`, of its event, keeps their order. */
export interface ExecutionNotice {
  readonly seq: number;
  readonly at: number;
  /** At most 500 characters are kept. */
  readonly message: string;
}

/** What was last learnt of a host. */
export interface HostFacts {
  readonly at: number;
  /** The run that told it; undefined when an import did. */
  readonly runId?: number;
  readonly facts: Readonly<Record<string, unknown>>;
}
