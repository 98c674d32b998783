import { constants } from "node:os";
import type { Nonce } from "../../modules/posix-words.ts";
import type { XmlRpcValue } from "./xmlrpc.ts";

/** `command.run`'s `[exit code, stdout, stderr]`. */
export interface CommandResult {
  /** Negative where a signal ended the shell, as Python tells it. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** One stream of a task as the host's bystander told it. */
export interface Captured {
  /** The first bytes. */
  readonly bytes: Buffer;
  /** How the pieces that wait on the host are encoded. */
  readonly encoding: string;
  /** Bytes that wait there to be fetched. */
  readonly waiting: number;
  /** Bytes that were over the limit and dropped. */
  readonly dropped: number;
  /** The stream was cut: by a full disk there, or because a program in the background held it. */
  readonly cut: boolean;
}

export function readCommandResult(value: XmlRpcValue): CommandResult | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [code, stdout, stderr] = value as readonly XmlRpcValue[];
  if (typeof code !== "number" || !Number.isInteger(code)) return undefined;
  return { code, stdout: bytesOf(stdout), stderr: bytesOf(stderr) };
}

function bytesOf(value: XmlRpcValue | undefined): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === "string" ? value : "");
}

/** What the host refused to begin for, in a clause; undefined when it refused nothing. */
export function refusalIn({ stderr }: CommandResult, nonce: Nonce): string | undefined {
  const mark = `${nonce} no `;
  const begin = stderr.indexOf(mark);
  if (begin === -1) return undefined;
  const rest = stderr.subarray(begin + mark.length, begin + mark.length + 300).toString("utf8");
  return rest.split("\n", 1)[0];
}

/** Reads `NONCE encoding`, the bytes, `NONCE waiting dropped failed left`; undefined when it is not that. */
export function readCaptured(stream: Buffer, nonce: Nonce): Captured | undefined {
  const begin = stream.indexOf(`${nonce} `);
  const end = stream.lastIndexOf(`\n${nonce} `);
  const headEnd = begin === -1 ? -1 : stream.indexOf(10, begin);
  if (headEnd === -1 || end < headEnd) return undefined;
  const encoding = stream.subarray(begin + nonce.length + 1, headEnd).toString("latin1");
  const tail = /^\s*(\d{1,15}) (\d{1,15}) (\d{1,3})( left)?\s*$/.exec(
    stream.subarray(end + nonce.length + 2).toString("latin1"),
  );
  if (tail === null) return undefined;
  const body = stream.subarray(headEnd + 1, end);
  return {
    bytes: decodePiece(body, encoding),
    encoding,
    waiting: Number(tail[1]),
    dropped: Number(tail[2]),
    cut: tail[3] !== "0" || tail[4] !== undefined,
  };
}

export function decodePiece(piece: Buffer, encoding: string): Buffer {
  return encoding === "r" ? piece : Buffer.from(piece.toString("latin1"), "base64");
}

/** Some have two names (ABRT and IOT): the first is the usual one. */
const signalNames = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name.slice(3)]),
);

/** Linux's number of a signal by its name, without `SIG`. */
export function signalName(number: number): string {
  return signalNames.get(number) ?? String(number);
}
