import { useMemo } from "react";
import { usePreferences } from "../app/preferences.ts";
import { createFormat, type Format } from "./format.ts";

/** Dates, numbers and sizes in the language of the console. */
export function useFormat(): Format {
  const { language } = usePreferences();
  return useMemo(() => createFormat(language), [language]);
}
