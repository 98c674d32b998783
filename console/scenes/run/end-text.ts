import type { useTranslation } from "react-i18next";

/** `exit 3`, `SIGKILL`, or nothing where the state says all. */
export function endText(
  execution: { readonly exitCode?: number | undefined; readonly signal: string },
  t: ReturnType<typeof useTranslation>["t"],
): string | undefined {
  if (execution.signal !== "") return `SIG${execution.signal}`;
  return execution.exitCode === undefined || execution.exitCode === 0
    ? undefined
    : t("run.exit", { code: execution.exitCode });
}
