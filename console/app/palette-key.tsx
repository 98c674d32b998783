import { lazy, Suspense, useEffect } from "react";
import { createStore, useStore } from "./store.ts";

const PaletteOfConsole = lazy(() =>
  import("./palette-of-console.tsx").then((module) => ({ default: module.PaletteOfConsole })),
);
const open = createStore(false);

export function openPalette(): void {
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
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey)
        return;
      if (!open.get() && document.querySelector('[role="dialog"]') !== null) return;
      event.preventDefault();
      open.set(!open.get());
    }
    window.addEventListener("keydown", press);
    return () => {
      window.removeEventListener("keydown", press);
      open.set(false);
    };
  }, []);
  return shown ? (
    <Suspense>
      <PaletteOfConsole onClose={() => open.set(false)} />
    </Suspense>
  ) : null;
}
