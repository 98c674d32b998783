import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(max-width: 47.99em)");

/** Whether the page is as narrow as a phone: one column, larger targets. */
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}
