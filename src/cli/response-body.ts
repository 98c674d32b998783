import type { CliIo } from "./io.ts";

/** Writes the bytes of an answer as they come. */
export async function sendBody(response: Response, io: CliIo): Promise<void> {
  if (response.body === null) return;
  for await (const chunk of response.body) await io.out(chunk);
}
