import { createHash } from "node:crypto";
import { reasonText } from "../../contract/reasons.ts";
import type { Answer } from "./answers.ts";
import type { MinionSession } from "./minion-session.ts";
import type { Stop } from "./stop.ts";

const chunkBytes = 1024 * 1024;

/** The file could not be brought there. The message is a sentence. */
export class UploadFailure extends Error {}

/**
 * Brings bytes into a new file of a private folder by `copyfile.open` and `append`, and holds its SHA-1 against ours.
 * Resolves with false when it was asked to stop meanwhile. Throws {@link UploadFailure}, or CallFailure.
 */
export async function upload(
  session: MinionSession,
  path: string,
  content: AsyncIterable<Uint8Array>,
  stop: Stop,
): Promise<boolean> {
  const opened = await session.call("copyfile.open", [path], { repeatable: true });
  if (failed(opened, path)) throw new UploadFailure(sentence("copyfile.open", opened));
  const sum = createHash("sha1");
  const chunks = inChunks(content)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await stop.orAsked(chunks.next());
      if (typeof next === "string" || stop.reason !== undefined) return false;
      if (next.done === true) break;
      sum.update(next.value);
      const answer = await session.call("copyfile.append", [path, next.value], { repeatable: false });
      if (failed(answer, 1)) throw new UploadFailure(sentence("copyfile.append", answer));
    }
  } finally {
    // A source that hangs is not waited for.
    void chunks.return?.(undefined).catch(() => undefined);
  }
  const found = await session.call("copyfile.checksum", [path], { repeatable: true });
  const wanted = sum.digest("hex");
  if (failed(found, wanted))
    throw new UploadFailure(`What arrived is cut or damaged. ${sentence("copyfile.checksum", found)}`);
  return true;
}

function failed(answer: Answer, wanted: string | number): boolean {
  return answer.kind === "error" || answer.value !== wanted;
}

function sentence(method: string, answer: Answer): string {
  if (answer.kind === "value") {
    return reasonText("func_disk_full", { method, answer: JSON.stringify(answer.value).slice(0, 100) });
  }
  return answer.denied
    ? reasonText("func_method_denied", { method })
    : reasonText("func_file_not_taken", { method, detail: answer.message });
}

async function* inChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    for (let at = 0; at < piece.length; at += chunkBytes) {
      const part = piece.subarray(at, at + chunkBytes);
      held.push(part);
      bytes += part.length;
      if (bytes < chunkBytes) continue;
      yield Buffer.concat(held);
      held = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}
