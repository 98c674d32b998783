import { useEffect, useMemo, useState } from "react";
import type { CodeLanguage } from "./code-language.ts";
import type { CodePiece } from "./highlight.ts";

type Highlight = typeof import("./highlight.ts")["highlight"];

/** A longer text is shown plain: colours must not delay what is typed. */
const longest = 60_000;

let known: Highlight | undefined;

/**
 * The lines of the text in coloured pieces; undefined where it has no colours: no language is given, it is long, or the
 * highlighter has not come (yet). It is loaded when it is first asked for.
 */
export function useHighlight(
  text: string,
  language: CodeLanguage | undefined,
): readonly (readonly CodePiece[])[] | undefined {
  const [highlight, setHighlight] = useState<Highlight | undefined>(() => known);
  const wanted = language !== undefined && text.length <= longest;
  useEffect(() => {
    if (!wanted || known !== undefined) return;
    let gone = false;
    import("./highlight.ts").then(
      (module) => {
        known = module.highlight;
        if (!gone) setHighlight(() => module.highlight);
      },
      // Without colours the editor is as good as ever.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [wanted]);
  return useMemo(
    () => (highlight === undefined || language === undefined || !wanted ? undefined : highlight(text, language)),
    [highlight, language, text, wanted],
  );
}
