import { createInstance } from "i18next";
import { initReactI18next } from "react-i18next";
import { OmError } from "../../src/contract/errors.ts";
import { clientReasons } from "../../src/contract/reasons/client.ts";
import { serverAnswers } from "../api/server-answers.ts";
import type { Language } from "../app/preferences.ts";
import type { en } from "./en.ts";
import type { enScenes } from "./en-scenes.ts";
import { loadTelling } from "./telling.ts";

type Texts = typeof en & typeof enScenes;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: Texts };
  }
}

export const i18n = createInstance();

/** The dictionary of a language in two parts: a browser loads those that it needs, when it needs them. */
const dictionaries = {
  en: {
    first: () => import("./en.ts").then((module) => module.en),
    scenes: () => import("./en-scenes.ts").then((module) => module.enScenes),
  },
  zh: {
    first: () => import("./zh.ts").then((module) => module.zh),
    scenes: () => import("./zh-scenes.ts").then((module) => module.zhScenes),
  },
} as const;

const asked = new Set<Language>();
let scenesAreAsked = false;

/** Loads the texts of the first look. Before it has resolved no page may be shown. Rejects when they do not come. */
export async function startI18n(language: Language): Promise<void> {
  const texts = loadTexts(language);
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  await texts;
}

/** Goes over to the language once all its texts are there; until then, and when they do not come, the old one stays. */
export async function speak(language: Language): Promise<void> {
  await loadTexts(language);
  await i18n.changeLanguage(language);
}

/** Resolves when the texts of all scenes are there, in every language that was spoken here. */
export async function sceneTexts(): Promise<void> {
  scenesAreAsked = true;
  await Promise.all([...asked].flatMap((language) => [add(language, "scenes"), loadTelling(language)]));
}

/**
 * For a part that has texts beyond those of the first look: its module once they are there, too. Where they do not come
 * because nothing answers, that is what it says; what fails otherwise (a release replaced meanwhile) is passed on.
 */
export function withSceneTexts<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    try {
      const [module] = await Promise.all([load(), sceneTexts()]);
      return module;
    } catch (cause) {
      if (await serverAnswers()) throw cause;
      const text = clientReasons.server_unanswered.replace("{address}", globalThis.location.origin);
      throw new OmError("request.unanswered", text, { cause });
    }
  };
}

async function loadTexts(language: Language): Promise<void> {
  asked.add(language);
  // Refusals are rare in a first look, which need not wait for their sentences.
  loadTelling(language).catch(() => undefined);
  await Promise.all([add(language, "first"), ...(scenesAreAsked ? [add(language, "scenes")] : [])]);
}

async function add(language: Language, part: "first" | "scenes"): Promise<void> {
  const texts = await dictionaries[language][part]();
  i18n.addResourceBundle(language, "translation", texts, true);
}
