import { OmError } from "../../../src/contract/errors.ts";
import { useTell } from "../state/use-tell.ts";

/** What the server said about each field of a form, by the last part of its place (`/body/name`, `/name`, `name`). */
export function usePlacedFaults(error: unknown): Readonly<Record<string, string | undefined>> {
  const tell = useTell();
  if (!(error instanceof OmError)) return {};
  return Object.fromEntries(
    error.problems.map(({ place, message, reason }) => {
      const parts = place.split("/").filter((part) => part !== "" && !/^\d+$/.test(part));
      return [parts.at(-1) ?? place, tell(message, reason)];
    }),
  );
}
