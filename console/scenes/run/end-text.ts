import type { TFunction } from "i18next";

/** `exit 3`, `SIGKILL`, or nothing where the state says all. */
export function endText(
  execution: { readonly exitCode?: number | undefined; readonly signal: string },
  t: TFunction,
): string | undefined {
  if (execution.signal !== "") return `SIG${execution.signal}`;
  if (execution.exitCode === undefined || execution.exitCode === 0) return undefined;
  return t("run.exit", { code: execution.exitCode });
}
