import { type StepEvent, type StepStatus, stepStatuses } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";

/** What a mock host does with a task. */
export interface MockBehaviour {
  /** Time to reach the host, in milliseconds, before it is asked to start. */
  readonly connectMilliseconds?: number;
  /** Time from start to end, in milliseconds; a pair is a range, and each host has its own place in it. */
  readonly runMilliseconds?: number | readonly [number, number];
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** So many bytes of stdout besides, made as they are pulled. */
  readonly outputBytes?: number;
  readonly steps?: readonly Pick<StepEvent, "name" | "status" | "diff">[];
  readonly notices?: readonly string[];
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Default: exit code 0. */
  readonly end?: MockEnd;
}

export type MockEnd =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  /** Nothing answers; nothing ran. */
  | { readonly kind: "unreachable"; readonly reason?: string }
  /** Runs until it is cancelled or its time is up. */
  | { readonly kind: "hang" }
  /** The connection is lost while it runs, and nobody knows how it went on. */
  | { readonly kind: "lost" }
  /** The engine itself breaks here. */
  | { readonly kind: "break" };

/**
 * A behaviour in words, so that a task or a configuration can name it: `exit=3`, `signal=KILL`, `unreachable`, `hang`,
 * `lost`, `break`, `connect=20`, `latency=200` or `latency=5..50` (milliseconds), `stdout=TEXT`, `stderr=TEXT`,
 * `bytes=1000000`, `step=changed:NAME` (may stand several times). Throws OmError `config.invalid` for any other word.
 */
export function behaviourOf(words: readonly string[]): MockBehaviour {
  const meanings = words.map(meaningOf);
  const steps = meanings.flatMap((meaning) => meaning.steps ?? []);
  return Object.assign({}, ...meanings, steps.length > 0 ? { steps } : {}) as MockBehaviour;
}

function meaningOf(word: string): MockBehaviour {
  const equals = word.indexOf("=");
  const name = equals === -1 ? word : word.slice(0, equals);
  const value = equals === -1 ? undefined : word.slice(equals + 1);
  if (value === undefined) {
    switch (name) {
      case "unreachable":
      case "hang":
      case "lost":
      case "break":
        return { end: { kind: name } };
      default:
        throw unknownWord(word);
    }
  }
  switch (name) {
    case "exit":
      return { end: { kind: "exit", code: numberOf(word, value, 255) } };
    case "signal":
      return { end: { kind: "signal", signal: value } };
    case "unreachable":
      return { end: { kind: "unreachable", reason: value } };
    case "connect":
      return { connectMilliseconds: numberOf(word, value) };
    case "latency": {
      const [from = "", to] = value.split("..");
      const least = numberOf(word, from);
      return { runMilliseconds: to === undefined ? least : [least, numberOf(word, to)] };
    }
    case "bytes":
      return { outputBytes: numberOf(word, value) };
    case "stdout":
    case "stderr":
      return { [name]: value };
    case "step":
      return { steps: [stepOf(word, value)] };
    default:
      throw unknownWord(word);
  }
}

function stepOf(word: string, text: string): { name: string; status: StepStatus } {
  const [status, ...name] = text.split(":");
  const known = stepStatuses.find((candidate) => candidate === status);
  if (known !== undefined && name.length > 0) return { name: name.join(":"), status: known };
  throw new OmError(
    "config.invalid",
    `“${word}” is no behaviour of a mock host: it takes STATUS:NAME, the status one of ${stepStatuses.join(", ")}.`,
  );
}

function numberOf(word: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new OmError(
    "config.invalid",
    `“${word}” is no behaviour of a mock host: it takes a whole number up to ${most}.`,
  );
}

function unknownWord(word: string): OmError {
  return new OmError(
    "config.invalid",
    `“${word}” is no behaviour of a mock host. There are: exit= signal= unreachable hang lost break connect= latency= bytes= stdout= stderr= step=.`,
  );
}

/** The time that this host runs: the same at every run, spread evenly over a range. */
export function runMillisecondsOf(behaviour: MockBehaviour, position: number): number {
  const { runMilliseconds = 0 } = behaviour;
  if (typeof runMilliseconds === "number") return runMilliseconds;
  const [from, to] = runMilliseconds;
  // Knuth's multiplicative hash: neighbours land far apart.
  return from + ((((position + 1) * 2_654_435_761) % 2 ** 32) / 2 ** 32) * Math.max(0, to - from);
}
