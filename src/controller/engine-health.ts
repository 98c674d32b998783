import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AbsentEngine, Engine, EngineHealth } from "../contract/engine.ts";
import type { EngineStatusSchema } from "../contract/link/controller_pb.ts";
import { reasonText } from "../contract/reasons.ts";

export type EngineStatus = MessageInitShape<typeof EngineStatusSchema>;

const probeMilliseconds = 5000;

/** What the engines last said of themselves; looked at anew when asked, and by itself when that was long ago. */
export interface EngineWatch {
  current(): readonly EngineStatus[];
  probe(): Promise<readonly EngineStatus[]>;
}

const staleMilliseconds = 5 * 60_000;

/** `absent` are told behind the others, with their mend. */
export async function watchEngines(
  engines: Iterable<Engine>,
  absent: readonly AbsentEngine[] = [],
): Promise<EngineWatch> {
  const watched = [...engines];
  const missing = absent.map((engine) => ({ ...engine, usable: false }));
  const look = async () => [...(await probeEngines(watched)), ...missing];
  let status = await look();
  let probedAt = performance.now();
  async function probe(): Promise<readonly EngineStatus[]> {
    probedAt = performance.now();
    status = await look();
    return status;
  }
  return {
    current() {
      if (performance.now() - probedAt > staleMilliseconds) void probe();
      return status;
    },
    probe,
  };
}

/** What each engine says of itself. An engine that breaks or does not answer in 5 s is unusable, and its status says so. */
function probeEngines(engines: Iterable<Engine>): Promise<EngineStatus[]> {
  return Promise.all([...engines].map(probe));
}

async function probe(engine: Engine): Promise<EngineStatus> {
  const { id } = engine.manifest;
  const signal = AbortSignal.timeout(probeMilliseconds);
  const silence = new Promise<EngineHealth>((resolve) => {
    signal.addEventListener("abort", () => resolve(noAnswer));
  });
  try {
    const health = await Promise.race([engine.probe(signal), silence]);
    if (health.usable) return { id, usable: true, version: health.version, warning: health.warning ?? "" };
    return { id, usable: false, reason: health.reason, mend: health.mend };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { id, usable: false, reason, mend: reasonText("engine_look_log") };
  }
}

const noAnswer: EngineHealth = {
  usable: false,
  reason: reasonText("engine_probe_silent", { seconds: probeMilliseconds / 1000 }),
  mend: reasonText("engine_look_load"),
};
