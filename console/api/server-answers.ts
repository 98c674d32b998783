/** Whether anything answers where the console came from, whatever it says. */
export async function serverAnswers(): Promise<boolean> {
  try {
    await fetch("/favicon.svg", { method: "HEAD", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}
