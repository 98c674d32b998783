import "./theme/mantine.css";
import "virtual:theme-variables.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/states.css";
import "./theme/ansi.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { preferredLanguage } from "./app/preferences.ts";
import { startI18n } from "./i18n/i18n.ts";

const element = document.getElementById("root");
// Not a top-level await: files that come later import from this one, and would wait for it in a circle.
void startI18n(preferredLanguage()).then(() => {
  if (element === null) return;
  createRoot(element).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});
