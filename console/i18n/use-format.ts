import { type Language, usePreferences } from "../app/preferences.ts";
import { createFormat, type Format } from "./format.ts";

/** Dates, numbers and sizes in the language of the console. */
export function useFormat(): Format {
  const { language } = usePreferences();
  const made = formats.get(language) ?? createFormat(language);
  formats.set(language, made);
  return made;
}

/** Made once: a page of answers asks for hundreds, and each costs the browser a millisecond. */
const formats = new Map<Language, Format>();
