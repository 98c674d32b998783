import { describe, expect, it } from "vitest";
import { HttpAnswer } from "./http-answer.ts";
import { MalformedAnswer } from "./xmlrpc.ts";

function inPieces(text: string, bytes: number): HttpAnswer {
  const answer = new HttpAnswer();
  const all = Buffer.from(text, "latin1");
  for (let at = 0; at < all.length; at += bytes) answer.push(all.subarray(at, at + bytes));
  return answer;
}

describe("an answer of HTTP", () => {
  it.each([
    ["with a length", "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello", true],
    [
      "after a word that it may go on",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello",
      true,
    ],
    ["whose connection ends", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello", false],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false],
    [
      "of HTTP/1.0 that keeps the connection",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
      true,
    ],
    ["with bare line ends", "HTTP/1.0 200 OK\nContent-Length: 5\n\nhello", false],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nEnd: 1\r\n\r\n",
      true,
    ],
  ])("%s is read however it comes", (_what, text, keeps) => {
    for (const bytes of [1, 2, 7, text.length]) {
      const answer = inPieces(text, bytes);

      expect(answer.complete).toBe(true);
      expect(answer.body.toString()).toBe("hello");
      expect(answer.keepsConnection).toBe(keeps);
    }
  });

  it("without a length is complete when the connection ends", () => {
    const answer = inPieces("HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\nhello", 4);

    expect(answer.complete).toBe(false);
    expect(answer.end()).toBe(true);
    expect(answer.body.toString()).toBe("hello");
  });

  it("that breaks off is not complete", () => {
    for (const text of ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"]) {
      expect(inPieces(text, 3).end()).toBe(false);
    }
  });

  it("with more behind it is no start of the next answer", () => {
    const answer = inPieces("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n", 1000);

    expect(answer.body.toString()).toBe("hello");
    expect(answer.keepsConnection).toBe(false);
  });

  it("keeps nothing of the buffer that it was read from", () => {
    const answer = new HttpAnswer();
    const buffer = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

    answer.push(buffer);
    buffer.fill(0);

    expect(answer.body.toString()).toBe("hello");
  });

  it.each([
    ["something else", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP"],
    ["a head without end", `HTTP/1.1 200 OK\r\n${"x".repeat(20_000)}`, "not HTTP"],
    ["an error", "HTTP/1.0 501 Unsupported method\r\n\r\n", "HTTP status 501"],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no number"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-length: 6\r\n\r\nhello", "twice"],
    ["a coding that nobody knows", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer encoding"],
    ["a chunk without size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "not HTTP"],
    ["too much", `HTTP/1.0 200 OK\r\n\r\n${"x".repeat(17 * 1024 * 1024)}`, "longer than 16 MiB"],
  ])("that is %s is refused in a clause", (_what, text, clause) => {
    expect(() => inPieces(text, 65_536)).toThrow(MalformedAnswer);
    expect(() => inPieces(text, 65_536)).toThrow(clause);
  });
});
