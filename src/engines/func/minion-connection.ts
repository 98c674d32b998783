import { connect, type DetailedPeerCertificate, type SecureContext, type TLSSocket } from "node:tls";
import { reasonText } from "../../contract/reasons.ts";
import { HttpAnswer } from "./http-answer.ts";

/** A minion as it is reached: its certificate must carry the name. */
export interface Minion {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

interface Asked {
  readonly request: string;
  readonly answer: HttpAnswer;
  /** From now on bytes of the request may be with the minion. */
  leaves(): void;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

/** One buffer for all connections of a thread: what is read is taken out of it before anything else is read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One connection of mutual TLS, with one request at a time on it. Nothing of a request is written before the minion has
 * proved who it is.
 */
export class MinionConnection {
  readonly #socket: TLSSocket;
  #asked: Asked | undefined;
  #reached = false;
  #secure = false;
  #heard = false;
  #over: Error | undefined;
  #session: Buffer | undefined;
  /** Called once when it has ended, whoever ended it. */
  onEnd: (() => void) | undefined;

  constructor({ name, address, port }: Minion, secureContext: SecureContext, session: Buffer | undefined) {
    const options = {
      host: address,
      port,
      secureContext,
      noDelay: true,
      checkServerIdentity: () => commonNameProblem(name, subjectOf(this.#socket)),
      onread: { buffer: readBuffer, callback: (bytes: number) => this.#read(readBuffer.subarray(0, bytes)) },
      ...(session === undefined ? {} : { session }),
    };
    this.#socket = connect(options);
    // Node takes the whole chain apart for the check, a sixth of the handshake; the subject is all that it looks at.
    this.#socket.getPeerCertificate = () => nothingOfIt as DetailedPeerCertificate;
    this.#socket.once("connect", () => {
      this.#reached = true;
    });
    this.#socket.once("secureConnect", () => {
      this.#secure = true;
      this.#write();
    });
    this.#socket.on("error", (error) => this.#ended(error));
    this.#socket.once("end", () => this.#ended());
    this.#socket.once("close", () => this.#ended());
  }

  /** It can take another request. */
  get usable(): boolean {
    return this.#over === undefined && this.#asked === undefined;
  }

  /** Something answered at its address, whatever it was. */
  get reached(): boolean {
    return this.#reached;
  }

  get secure(): boolean {
    return this.#secure;
  }

  /** Something of the last request's answer came. */
  get heard(): boolean {
    return this.#heard;
  }

  /** What the next connection to the same minion may resume, once this one has ended. */
  get session(): Buffer | undefined {
    return this.#session;
  }

  /** Sends a whole request and resolves with its answer's body. Rejects when there is none; then it has ended. */
  ask(request: string, leaves: () => void): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#heard = false;
    this.#asked = { request, answer: new HttpAnswer(), leaves, resolve, reject };
    if (this.#over !== undefined) this.#asked.reject(this.#over);
    else if (this.#secure) this.#write();
    return promise;
  }

  /** Ends it; who waits for an answer gets the error. */
  end(error: Error): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    if (this.#secure) this.#session = this.#socket.getSession();
    this.#socket.destroy();
    this.#asked?.reject(error);
    this.#asked = undefined;
    this.onEnd?.();
  }

  #write(): void {
    if (this.#asked === undefined) return;
    this.#asked.leaves();
    this.#socket.write(this.#asked.request);
  }

  #read(data: Buffer): boolean {
    const asked = this.#asked;
    if (asked === undefined) {
      // A word that nobody asked for.
      this.end(closed());
      return false;
    }
    this.#heard = true;
    try {
      asked.answer.push(data);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    if (asked.answer.complete) this.#answered(asked);
    return true;
  }

  #answered({ answer, resolve }: Asked): void {
    this.#asked = undefined;
    if (!answer.keepsConnection) this.end(closed());
    resolve(answer.body);
  }

  #ended(error?: Error): void {
    const asked = this.#asked;
    if (error === undefined && asked?.answer.end() === true) this.#answered(asked);
    this.end(error ?? (this.#heard ? new Error(reasonText("func_answer_broke")) : closed()));
  }
}

function closed(): Error {
  return new Error(reasonText("engine_closed_unanswered"));
}

const nothingOfIt = {};

/** The subject as OpenSSL prints it: an attribute a line (a name that holds several on one line is no such line). */
function subjectOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.subject ?? "";
}

/** Certmaster's certificates have a common name and nothing else: that one is held to, whatever newer rules say. */
export function commonNameProblem(name: string, subject: string): Error | undefined {
  const found = subject.split("\n").filter((line) => /\bCN=/.test(line));
  const [line = ""] = found;
  if (found.length === 1 && line.toLowerCase() === `cn=${name.toLowerCase()}`) return undefined;
  const shown = found.length === 1 && line.startsWith("CN=") ? `“${line.slice(3, 103)}”` : "no single name";
  return new Error(reasonText("func_certificate_name", { shown, name }));
}
