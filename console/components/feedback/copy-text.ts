import { tellDone, tellFailed } from "./toasts.tsx";

/** Puts the text into the clipboard and says so, or why not. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tellDone(done);
  } catch (error) {
    tellFailed(error);
  }
}
