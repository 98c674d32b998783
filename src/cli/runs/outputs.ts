import type { Client } from "../../contract/http/client.ts";

/** SHA-256 of nothing: such an output need not be asked for. */
export const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const pieceBytes = 1_048_576;

/** What the hosts of a group printed, a piece at a time. */
export async function* outputByHash(client: Client, runId: number, sha256: string): AsyncGenerator<Uint8Array, void> {
  if (sha256 === emptySha256) return;
  for (let offset = 0; ; offset += pieceBytes) {
    const piece = await outputPiece(client, runId, sha256, offset, pieceBytes);
    if (piece.byteLength > 0) yield piece;
    if (piece.byteLength < pieceBytes) return;
  }
}

export async function outputPiece(
  client: Client,
  runId: number,
  sha256: string,
  offset: number,
  limit: number,
): Promise<Uint8Array> {
  const response = await client.call("GET /runs/:id/outputs/:sha256", {
    params: { id: runId, sha256 },
    query: { offset, limit },
  });
  return new Uint8Array(await response.arrayBuffer());
}

/** The first line that holds something, of at most 4 kB. */
export async function firstLineOf(client: Client, runId: number, sha256: string): Promise<string> {
  if (sha256 === emptySha256) return "";
  const text = new TextDecoder().decode(await outputPiece(client, runId, sha256, 0, 4096));
  return text.split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
}
