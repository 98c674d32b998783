import type { EngineId } from "../../contract/engine.ts";
import type { Plan } from "../../contract/link/controller_pb.ts";
import type { Danger, ModuleManifest, ParameterValues } from "../../contract/module.ts";

/** A host as planning needs it; the store's `Host` is one. */
export interface PlannableHost {
  readonly id: number;
  readonly name: string;
  readonly appCategoryId: number;
  readonly outerAddress: string;
  readonly innerAddress: string;
  readonly port: number;
  readonly engine: EngineId;
  readonly user: string;
  readonly credential: string;
  readonly proxyJump: string;
  readonly enabled: boolean;
}

export interface PlanInput {
  readonly module: { readonly id: number; readonly version: number; readonly manifest: ModuleManifest };
  readonly parameters: ParameterValues;
  readonly hosts: readonly PlannableHost[];
  readonly width: number;
  readonly waveSize?: number;
  readonly maxFailures?: number;
  readonly becomeUser?: string;
  readonly timeoutMilliseconds?: number;
  readonly connectTimeoutMilliseconds: number;
  readonly outputLimitBytes: number;
  readonly defaultTimeoutMilliseconds: number;
  /** Library files by SHA-256, for parameters of format `file`. */
  readonly file: (sha256: string) => { readonly name: string; readonly bytes: number } | undefined;
}

/** A run as it will be, frozen: the same input gives the same bytes and hash. */
export interface PlannedRun {
  readonly module: PlanInput["module"];
  readonly danger: Danger;
  readonly becomeUser: string;
  readonly timeoutMilliseconds: number;
  readonly width: number;
  /** Secrets replaced by `"••••••"`, for the record. */
  readonly shownParameters: ParameterValues;
  readonly plan: Plan;
  /** SHA-256, hex, of the encoded plan. */
  readonly planSha256: string;
  /** In position order; a skipped host is in the list and not in `plan.hosts`. */
  readonly hosts: readonly {
    readonly position: number;
    readonly host: PlannableHost;
    readonly address: string;
    readonly wave: number;
    readonly skipped?: string;
  }[];
}
