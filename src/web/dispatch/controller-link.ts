import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import { type ErrorCode, errorCatalogue, OmError } from "../../contract/errors.ts";
import {
  type Answer,
  type FileRequest,
  type RequestSchema,
  WebFrameSchema,
} from "../../contract/link/controller_pb.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import { reasonText } from "../../contract/reasons.ts";

export type WebFrameInit = MessageInitShape<typeof WebFrameSchema>["frame"];
export type RequestInit = MessageInitShape<typeof RequestSchema>["request"];

/** Opens a library file; rejects when there is none of this hash. */
export type OpenFile = (sha256: string) => Promise<AsyncIterable<Uint8Array>>;

/** Requests and files of one open link to one controller. */
export interface ControllerLink {
  readonly controller: string;
  /** Rejects when the link is closed. */
  send(frame: WebFrameInit): Promise<void>;
  /** Rejects with `controller.unreachable` when no answer comes in time or the link closes, else with the answer's own error. */
  ask(actor: string, request: RequestInit, milliseconds: number): Promise<Answer>;
  answered(answer: Answer): void;
  serveFile(request: FileRequest, open: OpenFile): void;
  close(): void;
}

const chunkBytes = 64 * 1024;

export function createControllerLink(controller: string, end: WebEnd, log: Logger): ControllerLink {
  const waiting = new Map<number, (outcome: Answer | OmError) => void>();
  let lastId = 0;

  void end.closed.then(() => {
    const message = reasonText("controller_cut", { controller });
    for (const settle of [...waiting.values()]) settle(new OmError("controller.unreachable", message));
  });

  function send(frame: WebFrameInit): Promise<void> {
    return end.send(create(WebFrameSchema, { frame }));
  }

  async function sendFile({ id, sha256 }: FileRequest, open: OpenFile): Promise<void> {
    let content: AsyncIterable<Uint8Array>;
    try {
      content = await open(sha256);
    } catch (error) {
      log.warn({ error, sha256 }, "a controller asked for a library file that is not here");
      const text = reasonText("library_lacks", { sha256: sha256.slice(0, 64) });
      return send({ case: "fileChunk", value: { id, last: true, error: text } });
    }
    try {
      for await (const data of content) {
        for (let start = 0; start < data.byteLength; start += chunkBytes) {
          await send({ case: "fileChunk", value: { id, data: data.subarray(start, start + chunkBytes) } });
        }
      }
    } catch (error) {
      log.error({ error, sha256 }, "a library file could not be sent to its end");
      return send({
        case: "fileChunk",
        value: { id, last: true, error: reasonText("library_unreadable") },
      });
    }
    await send({ case: "fileChunk", value: { id, last: true } });
  }

  return {
    controller,
    send,
    ask(actor, request, milliseconds) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(silent()), milliseconds);
        function silent(): OmError {
          const text = reasonText("controller_silent", { controller, seconds: Math.round(milliseconds / 1000) });
          return new OmError("controller.unreachable", text);
        }
        function settle(outcome: Answer | OmError): void {
          clearTimeout(timer);
          waiting.delete(id);
          if (outcome instanceof OmError) reject(outcome);
          else resolve(outcome);
        }
        waiting.set(id, settle);
        send({ case: "request", value: { id, actor, request } }).catch((error: unknown) => {
          settle(error instanceof OmError ? error : new OmError("controller.unreachable", String(error)));
        });
      });
    },
    answered(answer) {
      const settle = waiting.get(answer.id);
      if (settle === undefined) return;
      settle(answer.errorCode === "" ? answer : new OmError(knownCode(answer.errorCode), answer.errorMessage));
    },
    serveFile(request, open) {
      sendFile(request, open).catch(() => undefined);
    },
    close: end.close,
  };
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : "internal.error";
}
