import { useQuery } from "@tanstack/react-query";
import { controllersQuery } from "./controllers-query.ts";
import { offeredEngines } from "./offered-engines.ts";

/** The engines that some controller can use now; undefined until that is known. */
export function useUsableEngines(): readonly string[] | undefined {
  const { data } = useQuery(controllersQuery);
  if (data === undefined) return undefined;
  return offeredEngines(data.controllers)
    .filter(({ standing }) => standing === "usable")
    .map(({ id }) => id);
}
