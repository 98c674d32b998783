import { createInstance } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../app/preferences.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

export const i18n = createInstance();

/** Both languages are in the bundle (a few kB), so that switching never waits. */
export function startI18n(language: Language): void {
  void i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
}
