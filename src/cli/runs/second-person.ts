import { safeLine } from "../terminal/safe-text.ts";
import { approvalText, type RunRow } from "./run-view.ts";

/** Tells whoever started a run that nothing starts yet, and what a second person can type. */
export function sayWhetherItWaits(say: (text: string) => void, run: RunRow): void {
  if (run.state !== "awaiting_approval") return;
  say(safeLine(`Run ${run.id} ${approvalText(run)}.`));
  say(`They say: omserver runs approve ${run.id}, or: omserver runs reject ${run.id}`);
}
