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
import { router } from "./app/router.tsx";
import { startI18n } from "./i18n/i18n.ts";

const element = document.getElementById("root");
const texts = startI18n(preferredLanguage());
// Who is signed in, and the page that the address names, are asked for meanwhile.
void router.load();
// Not a top-level await: files that come later import from this one, and would wait for it in a circle.
void texts.then(() => {
  if (element === null) return;
  createRoot(element).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});
