import { clientReasons } from "../../../src/contract/reasons/client.ts";
import { tellDone, tellFailed } from "./toasts.tsx";

/** Puts the text into the clipboard and says so, or why not. Works without https too, where browsers have no `clipboard`. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    if (globalThis.isSecureContext) await navigator.clipboard.writeText(text);
    else copySelected(text);
    tellDone(done);
  } catch (error) {
    tellFailed(error);
  }
}

/** The only way there was before, and is over plain http: copies what is selected. */
function copySelected(text: string): void {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Inside of a dialog, which takes the focus back from everywhere else.
  (focused?.closest('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  if (!copied) throw new Error(clientReasons.not_copied);
}
