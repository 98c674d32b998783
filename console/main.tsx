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

startI18n(preferredLanguage());
const element = document.getElementById("root");
if (element !== null) {
  createRoot(element).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
