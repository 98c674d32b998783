import type { Reason } from "../../src/contract/reasons.ts";
import type { Language } from "../app/preferences.ts";
import { createStore, useStore } from "../app/store.ts";

/** Tells a sentence of the product in a language that is not English. */
export type Telling = (text: string, reason?: Reason) => string;

const telling = createStore<Telling | undefined>(undefined);

/** Loads how the language tells the product's sentences. English needs nothing: they are what the server sends. */
export async function loadTelling(language: Language): Promise<void> {
  if (language === "zh") telling.set((await import("./telling-zh.ts")).tellInChinese);
}

/** Undefined in English, and until the sentences are there. */
export function useTelling(language: string): Telling | undefined {
  const loaded = useStore(telling);
  return language === "zh" ? loaded : undefined;
}
