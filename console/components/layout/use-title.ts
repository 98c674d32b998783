import { useEffect } from "react";

/** The browser's title, after what the page is about. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · OMServer`;
  }, [title]);
}
