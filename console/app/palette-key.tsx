import { lazy, Suspense, useEffect } from "react";
import { createStore, useStore } from "./store.ts";

const PaletteOfConsole = lazy(() =>
  import("./palette-of-console.tsx").then((module) => ({ default: module.PaletteOfConsole })),
);
const open = createStore(false);
const search = createStore("");

export function openPalette(): void {
  search.set("");
  open.set(true);
}

/** What the keys are called here: ⌘K on Apple's machines, Ctrl+K elsewhere. */
export const paletteKeys = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl+K";

/**
 * ⌘K or Ctrl+K opens the palette over any scene, also while one writes in a field. Not over a dialog: what is asked
 * there is answered first.
 */
export function PaletteKey() {
  const shown = useStore(open);
  const typed = useStore(search);
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey)
        return;
      if (!open.get() && document.querySelector('[role="dialog"]') !== null) return;
      event.preventDefault();
      if (open.get()) open.set(false);
      else openPalette();
    }
    window.addEventListener("keydown", press);
    return () => {
      window.removeEventListener("keydown", press);
      open.set(false);
    };
  }, []);
  useEffect(() => {
    if (!shown) return;
    window.addEventListener("keydown", holdEarlyKey, true);
    return () => window.removeEventListener("keydown", holdEarlyKey, true);
  }, [shown]);
  return shown ? (
    <Suspense>
      <PaletteOfConsole search={typed} onSearch={search.set} onClose={() => open.set(false)} />
    </Suspense>
  ) : null;
}

/** Who knows what to look for writes on at once: what comes before the search field has the focus is meant for it. */
function holdEarlyKey(event: KeyboardEvent): void {
  const { ctrlKey, metaKey, altKey, key } = event;
  if (ctrlKey || metaKey || altKey || document.activeElement?.closest('[role="dialog"]') != null) return;
  if (key === "Escape") open.set(false);
  else if (key === "Backspace") search.set(search.get().slice(0, -1));
  else if (key.length === 1) search.set(search.get() + key);
  else if (key !== "Enter" && !key.startsWith("Arrow")) return;
  event.preventDefault();
  event.stopPropagation();
}
