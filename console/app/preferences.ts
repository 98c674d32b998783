import { createStore, useStore } from "./store.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const languages = ["zh", "en"] as const;
export type Language = (typeof languages)[number];

interface Preferences {
  readonly theme: Theme;
  readonly language: Language;
  /** The navigation rail shows icons only. */
  readonly railFolded: boolean;
}

/** Choices of this browser, kept in its storage; without storage they hold until the page is closed. */
const preferences = createStore<Preferences>({
  theme: oneOf(themes, read("omserver.theme")) ?? "system",
  language: oneOf(languages, read("omserver.language")) ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
  railFolded: read("omserver.rail") === "folded",
});
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
systemDark.addEventListener("change", () => preferences.set({ ...preferences.get() }));

export function usePreferences(): Preferences & { readonly colorScheme: "light" | "dark" } {
  const current = useStore(preferences);
  return { ...current, colorScheme: colorSchemeOf(current.theme) };
}

export function preferredLanguage(): Language {
  return preferences.get().language;
}

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...preferences.get(), ...change };
  write("omserver.theme", next.theme);
  write("omserver.language", next.language);
  write("omserver.rail", next.railFolded ? "folded" : "open");
  preferences.set(next);
}

function colorSchemeOf(theme: Theme): "light" | "dark" {
  if (theme !== "system") return theme;
  return systemDark.matches ? "dark" : "light";
}

function oneOf<Value extends string>(allowed: readonly Value[], value: string | null): Value | undefined {
  return allowed.find((candidate) => candidate === value);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is full or switched off: the choice holds for this page only.
  }
}
