import { useQuery } from "@tanstack/react-query";
import { client } from "../../api/client.ts";

/** SHA-256 of nothing: there is no need to ask for it. */
const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const firstPieceBytes = 262_144;
const pieceBytes = 4_194_304;
const piecesAtOnce = 4;
/** So much of one output the page shows; the download has all of it. */
export const shownLimitBytes = 33_554_432;

export interface Output {
  readonly bytes: Uint8Array;
  /** False: more is kept than what is here. */
  readonly whole: boolean;
}

/** What a host or a group of hosts printed, by its content: the beginning first, all of it when asked for. */
export function useOutput(runId: number, sha256: string | undefined, all: boolean) {
  return useQuery({
    queryKey: ["output", runId, sha256, all],
    queryFn: ({ signal }) => readOutput(runId, sha256 ?? nothing, all ? shownLimitBytes : firstPieceBytes, signal),
    enabled: sha256 !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}

export interface WholeOutput {
  readonly output: Output | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
  retry(): void;
}

/** The beginning as soon as it is here; then, with `all`, the rest. */
export function useWholeOutput(runId: number, sha256: string | undefined, all: boolean): WholeOutput {
  const beginning = useOutput(runId, sha256, false);
  const more = all && beginning.data?.whole === false;
  const whole = useOutput(runId, more ? sha256 : undefined, true);
  return {
    output: whole.data ?? beginning.data,
    isLoading: beginning.isFetching || whole.isFetching,
    error: whole.error ?? beginning.error,
    retry: () => void (more ? whole : beginning).refetch(),
  };
}

/** Reads at most `limit` bytes of it, in pieces. */
export async function readOutput(runId: number, sha256: string, limit: number, signal: AbortSignal): Promise<Output> {
  if (sha256 === nothing) return { bytes: new Uint8Array(), whole: true };
  const pieces: Uint8Array[] = [];
  let length = 0;
  async function pieceAt(offset: number): Promise<Uint8Array> {
    const query = { offset, limit: Math.min(pieceBytes, limit - offset) };
    const params = { id: runId, sha256 };
    const response = await client.call("GET /runs/:id/outputs/:sha256", { params, query, signal });
    return new Uint8Array(await response.arrayBuffer());
  }
  while (length < limit) {
    // Most outputs end in their first piece; of a longer one several come at a time.
    const from = length;
    const offsets = Array.from({ length: from === 0 ? 1 : piecesAtOnce }, (_, place) => from + place * pieceBytes);
    const asked = offsets.filter((offset) => offset < limit);
    for (const [place, piece] of (await Promise.all(asked.map(pieceAt))).entries()) {
      pieces.push(piece);
      length += piece.length;
      const wanted = Math.min(pieceBytes, limit - (asked[place] ?? 0));
      if (piece.length < wanted) return { bytes: join(pieces, length), whole: true };
    }
  }
  return { bytes: join(pieces, length), whole: false };
}

/** Saves all kept bytes of an output as they are. */
export async function downloadOutput(runId: number, sha256: string, fileName: string): Promise<void> {
  const { bytes } = await readOutput(runId, sha256, Number.POSITIVE_INFINITY, new AbortController().signal);
  const address = URL.createObjectURL(
    new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }),
  );
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = fileName;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
