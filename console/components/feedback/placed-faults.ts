import { OmError } from "../../../src/contract/errors.ts";

/** What the server said about each field of a form, by the last part of its place (`/body/name`, `/name`, `name`). */
export function placedFaults(error: unknown): Readonly<Record<string, string | undefined>> {
  if (!(error instanceof OmError)) return {};
  return Object.fromEntries(
    error.problems.map(({ place, message }) => {
      const parts = place.split("/").filter((part) => part !== "" && !/^\d+$/.test(part));
      return [parts.at(-1) ?? place, message];
    }),
  );
}
