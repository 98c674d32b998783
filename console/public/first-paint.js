// Sets theme and language before the first paint, so that a page never flashes in the other theme, and asks for the
// dictionary.
// The same keys and rules as app/preferences.ts.
(() => {
  const root = document.documentElement;
  let theme = null;
  let language = null;
  try {
    theme = localStorage.getItem("omserver.theme");
    language = localStorage.getItem("omserver.language");
  } catch {
    // Storage is switched off: the system's choice holds.
  }
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  const chinese = language === "zh" || (language !== "en" && navigator.language.startsWith("zh"));
  root.lang = chinese ? "zh-CN" : "en";
  // The dictionary comes beside the scripts that will ask for it.
  const { zh, en } = document.currentScript?.dataset ?? {};
  const file = chinese ? zh : en;
  if (file !== undefined) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = file;
    document.head.append(link);
  }
})();
