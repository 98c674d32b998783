import { reasonText } from "../../contract/reasons.ts";
import { MalformedAnswer } from "./xmlrpc.ts";

const longestHeadBytes = 16 * 1024;
const largestAnswerBytes = 16 * 1024 * 1024;

/** What comes next: a body of known length, one that the connection's end ends, or RFC 9112's chunks. */
type Next = "head" | "length" | "end" | "chunk size" | "chunk" | "chunk end" | "trailer";

/** One answer of HTTP/1.0 or 1.1, taken as it comes. Whatever it is not throws {@link MalformedAnswer}. */
export class HttpAnswer {
  #next: Next = "head";
  /** What came of the head, or of a chunk's line. */
  #held = "";
  #left = 0;
  #bytes = 0;
  readonly #body: Buffer[] = [];
  #complete = false;
  #keeps = false;

  get complete(): boolean {
    return this.#complete;
  }

  /** The other side waits for the next request on the same connection. */
  get keepsConnection(): boolean {
    return this.#keeps;
  }

  get body(): Buffer {
    const [only] = this.#body;
    return only !== undefined && this.#body.length === 1 ? only : Buffer.concat(this.#body);
  }

  /** What is kept of the data is copied. */
  push(data: Buffer): void {
    let rest = data;
    while (rest.length > 0) {
      if (this.#complete) {
        // Nobody asked for more: what comes is no answer to the next request.
        this.#keeps = false;
        return;
      }
      rest = this.#take(rest);
    }
  }

  /** The connection ended; true when that completes the answer. */
  end(): boolean {
    if (this.#next === "end") this.#complete = true;
    return this.#complete;
  }

  #take(data: Buffer): Buffer {
    switch (this.#next) {
      case "head":
        return this.#takeHead(data);
      case "length":
      case "chunk": {
        const part = data.subarray(0, this.#left);
        this.#keep(part);
        this.#left -= part.length;
        if (this.#left === 0) this.#after();
        return data.subarray(part.length);
      }
      case "end":
        this.#keep(data);
        return data.subarray(data.length);
      case "chunk size":
      case "chunk end":
      case "trailer":
        return this.#takeLine(data);
    }
  }

  #after(): void {
    if (this.#next === "chunk") this.#next = "chunk end";
    else this.#complete = true;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > largestAnswerBytes) {
      throw new MalformedAnswer(reasonText("engine_answer_mib", { size: largestAnswerBytes / 2 ** 20 }));
    }
    this.#body.push(Buffer.from(part));
  }

  #takeHead(data: Buffer): Buffer {
    const before = this.#held.length;
    this.#held += data.toString("latin1");
    const end = /\r?\n\r?\n/.exec(this.#held);
    if (end === null) {
      if (this.#held.length > longestHeadBytes) throw new MalformedAnswer(reasonText("engine_answer_no_http"));
      return data.subarray(data.length);
    }
    const head = this.#held.slice(0, end.index);
    this.#held = "";
    this.#readHead(head);
    return data.subarray(end.index + end[0].length - before);
  }

  #readHead(head: string): void {
    const status = /^HTTP\/1\.([01]) (\d{3})(?!\d)/.exec(head);
    if (status === null) throw new MalformedAnswer(reasonText("engine_answer_no_http"));
    const [, minor, code = ""] = status;
    if (code.startsWith("1")) return;
    if (code !== "200") throw new MalformedAnswer(reasonText("func_answer_status", { status: code }));
    const headers = headersOf(head);
    const connection = headers.get("connection")?.toLowerCase() ?? "";
    this.#keeps = minor === "1" ? connection !== "close" : connection === "keep-alive";
    const coding = headers.get("transfer-encoding");
    const length = headers.get("content-length");
    if (coding !== undefined) {
      if (coding.toLowerCase() !== "chunked") throw new MalformedAnswer(reasonText("func_answer_coding"));
      this.#next = "chunk size";
    } else if (length === undefined) {
      this.#next = "end";
      this.#keeps = false;
    } else {
      if (!/^\d{1,15}$/.test(length)) throw new MalformedAnswer(reasonText("func_answer_length"));
      this.#next = "length";
      this.#left = Number(length);
      if (this.#left === 0) this.#complete = true;
    }
  }

  #takeLine(data: Buffer): Buffer {
    const end = data.indexOf(10);
    const used = end === -1 ? data.length : end + 1;
    this.#held += data.toString("latin1", 0, used);
    if (this.#held.length > longestHeadBytes) throw new MalformedAnswer(reasonText("engine_answer_no_http"));
    if (end !== -1) {
      const line = this.#held.trim();
      this.#held = "";
      this.#readLine(line);
    }
    return data.subarray(used);
  }

  #readLine(line: string): void {
    if (this.#next === "trailer") {
      if (line === "") this.#complete = true;
      return;
    }
    if (this.#next === "chunk end") {
      if (line !== "") throw new MalformedAnswer(reasonText("engine_answer_no_http"));
      this.#next = "chunk size";
      return;
    }
    const size = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new MalformedAnswer(reasonText("engine_answer_no_http"));
    this.#left = Number.parseInt(size, 16);
    this.#next = this.#left === 0 ? "trailer" : "chunk";
  }
}

const wanted = ["connection", "content-length", "transfer-encoding"];

/** The headers that say how long the answer is and what comes after it, in lower case but for their values. */
function headersOf(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 10 || colon > 17) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!wanted.includes(name)) continue;
    if (headers.has(name)) throw new MalformedAnswer(reasonText("func_answer_header_twice", { header: name }));
    headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}
