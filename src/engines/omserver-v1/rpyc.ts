import { connect, type Socket } from "node:net";
import { inflateSync } from "node:zlib";
import { reasonText } from "../../contract/reasons.ts";
import { type BrineValue, dumpBrine, loadBrine } from "./brine.ts";

/** Message types, handlers and labels of rpyc/core/consts.py, versions 3 to 6. */
const request = 1;
const reply = 2;
const exception = 3;
const getRoot = 3;
const callAttribute = 8;
const labelValue = 1;
const labelTuple = 2;
const labelLocalReference = 3;
const labelRemoteReference = 4;

const largestFrame = 64 * 1024 * 1024;
const headerBytes = 5;
const greetingMilliseconds = 4000;

/** No answer came. `sent` is false where surely nothing of the request left. */
export class RpycFailure extends Error {
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** The service's method raised. */
export class RpycException extends Error {}

export interface RpycOptions {
  readonly host: string;
  readonly port: number;
  readonly connectMilliseconds: number;
  readonly answerMilliseconds: number;
  readonly signal: AbortSignal;
  /** What the other side was found to speak; kept by who opens several connections to it. */
  readonly spoken: Spoken;
}

export interface Spoken {
  dialect?: Dialect;
}

/** A client of one rpyc service, for calls of its root with text in and text out. */
export class RpycConnection {
  readonly #socket: Socket;
  readonly #options: RpycOptions;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes to the end of the frame that comes. */
  #wanted = headerBytes;
  #sequence = 0;
  #root: BrineValue = null;
  readonly #dialect: Dialect;
  #waiting: { readonly sequence: number; resolve(value: BrineValue): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket, options: RpycOptions, dialect: Dialect) {
    this.#dialect = dialect;
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (data: Buffer) => {
      try {
        this.#take(data);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error(reasonText("engine_connection_closed"))));
  }

  /**
   * Connects and takes hold of the service's root. Versions up to 5 put the message type into the brine, 6 before it, and
   * neither understands the other: who does not
   * answer is greeted anew in the other way, and an old controller that was only slow once more. Rejects with {@link RpycFailure}.
   */
  static async open(options: RpycOptions): Promise<RpycConnection> {
    const { spoken, answerMilliseconds } = options;
    if (spoken.dialect !== undefined) return await RpycConnection.#greet(options, spoken.dialect, answerMilliseconds);
    const brief = Math.min(greetingMilliseconds, answerMilliseconds);
    const attempts = [["within", brief] as const, ["before", brief] as const, ["within", answerMilliseconds] as const];
    for (let attempt = 0; ; attempt++) {
      const [dialect, patience] = attempts[attempt] ?? ["within", answerMilliseconds];
      try {
        const connection = await RpycConnection.#greet(options, dialect, patience);
        spoken.dialect = dialect;
        return connection;
      } catch (error) {
        const again = error instanceof RpycFailure && error.sent && !options.signal.aborted;
        if (!again || attempt === attempts.length - 1) throw error;
      }
    }
  }

  static async #greet(options: RpycOptions, dialect: Dialect, patience: number): Promise<RpycConnection> {
    const connection = await RpycConnection.#connect(options, dialect);
    try {
      connection.#root = rootReference(await connection.#ask(getRoot, [labelValue, []], patience));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  static async #connect(options: RpycOptions, dialect: Dialect): Promise<RpycConnection> {
    const socket = connect({ host: options.host, port: options.port, noDelay: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(reasonText("func_no_connection", { seconds: options.connectMilliseconds / 1000 }))),
      Math.min(options.connectMilliseconds, 2 ** 31 - 1),
    );
    const onAbort = () => reject(new Error(reasonText("engine_given_up")));
    options.signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", resolve);
    socket.once("error", reject);
    try {
      await promise;
      return new RpycConnection(socket, options, dialect);
    } catch (error) {
      socket.destroy();
      throw new RpycFailure(error instanceof Error ? error.message : String(error), false);
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
    }
  }

  /** Calls a method of the service. Rejects with {@link RpycFailure} or {@link RpycException}. */
  async call(method: string, ...parameters: readonly string[]): Promise<BrineValue> {
    const answer = await this.#ask(callAttribute, [
      labelTuple,
      [
        // Version 3 takes the object by its number, later ones by reference.
        [typeof this.#root === "number" ? labelValue : labelLocalReference, this.#root],
        [labelValue, method],
        [labelValue, [...parameters]],
        [labelValue, []],
      ],
    ]);
    if (!Array.isArray(answer) || answer[0] !== labelValue) {
      throw new RpycFailure(reasonText("old_not_plain", { method }), true);
    }
    return (answer as readonly BrineValue[])[1] ?? null;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(
    handler: number,
    parameters: BrineValue,
    answerMilliseconds = this.#options.answerMilliseconds,
  ): Promise<BrineValue> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    const { promise, resolve, reject } = Promise.withResolvers<BrineValue>();
    this.#waiting = { sequence, resolve, reject };
    const { signal } = this.#options;
    const timer = setTimeout(
      () => reject(new Error(reasonText("func_no_answer", { seconds: answerMilliseconds / 1000 }))),
      Math.min(answerMilliseconds, 2 ** 31 - 1),
    );
    const onAbort = () => reject(new Error(reasonText("engine_given_up")));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      if (this.#socket.destroyed) throw new RpycFailure(reasonText("engine_connection_closed"), false);
      const content: BrineValue = [handler, parameters];
      this.#socket.write(
        frame(
          this.#dialect === "within"
            ? dumpBrine([request, sequence, content])
            : Buffer.concat([Buffer.from([request]), dumpBrine([sequence, content])]),
        ),
      );
      return await promise;
    } catch (error) {
      if (error instanceof RpycFailure || error instanceof RpycException) throw error;
      throw new RpycFailure(error instanceof Error ? error.message : String(error), true);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#waiting = undefined;
    }
  }

  #take(data: Buffer): void {
    this.#held.push(data);
    this.#heldBytes += data.length;
    // A long frame is put together once, not with each piece of it.
    while (this.#heldBytes >= this.#wanted) {
      const all = this.#held.length === 1 ? (this.#held[0] ?? data) : Buffer.concat(this.#held);
      this.#held = [all];
      const length = all.readUInt32BE(0);
      if (length > largestFrame) throw new Error(reasonText("old_frame_large", { size: largestFrame / 2 ** 20 }));
      const end = headerBytes + length + 1;
      this.#wanted = end;
      if (all.length < end) return;
      this.#wanted = headerBytes;
      const body = all.subarray(headerBytes, headerBytes + length);
      this.#held = [all.subarray(end)];
      this.#heldBytes = all.length - end;
      this.#message(readMessage(all[4] === 0 ? body : inflateSync(body, { maxOutputLength: largestFrame })));
    }
  }

  #message(message: BrineValue): void {
    const [type, sequence, content = null] = Array.isArray(message) ? (message as readonly BrineValue[]) : [];
    const waiting = this.#waiting;
    // Requests of its own (a reference that it lets go, its farewell) need no answer from who is about to leave.
    if (waiting === undefined || sequence !== waiting.sequence) return;
    if (type === reply) waiting.resolve(content);
    else if (type === exception) waiting.reject(new RpycException(exceptionText(content)));
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#socket.destroy();
  }
}

/** Where the message's type stands. */
type Dialect = "within" | "before";

/** Type, sequence number and content, in either dialect: a tuple never begins with a message type's byte. */
function readMessage(payload: Buffer): BrineValue {
  const [first = 0] = payload;
  if (first < request || first > exception) return loadBrine(payload);
  const rest = loadBrine(payload.subarray(1));
  return Array.isArray(rest) ? [first, ...(rest as readonly BrineValue[])] : null;
}

/** Length, a byte that says whether it is compressed, the payload, a line break. */
function frame(payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload, Buffer.from("\n")]);
}

/** Versions 3 name an object by its number alone, later ones by the whole description that they gave. */
function rootReference(boxed: BrineValue): BrineValue {
  const [label, description] = Array.isArray(boxed) ? (boxed as readonly BrineValue[]) : [];
  if (label !== labelRemoteReference || !Array.isArray(description)) {
    throw new RpycFailure("the old controller did not give its service", true);
  }
  const [first] = description as readonly BrineValue[];
  return typeof first === "number" ? first : description;
}

/** `((module, name), arguments, attributes, traceback)`; version 3 raises strings as well. */
function exceptionText(content: BrineValue): string {
  if (!Array.isArray(content)) return textOf(content).slice(0, 300);
  const [type, parameters] = content as readonly BrineValue[];
  const name = Array.isArray(type) ? textOf((type as readonly BrineValue[])[1]) : textOf(type);
  const details = Array.isArray(parameters) ? (parameters as readonly BrineValue[]).map(textOf).join(", ") : "";
  return `${name}: ${details}`.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").slice(0, 300);
}

/** Python 2 sends text as bytes. */
export function textOf(value: BrineValue | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  return value === undefined || value === null ? "" : String(value);
}
