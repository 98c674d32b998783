import { useMemo } from "react";
import { executionStates } from "../../../src/contract/states.ts";
import { usePreferences } from "../../app/preferences.ts";
import type { StateColours } from "./grid-painter.ts";

/** The colours of the style sheet, for what is painted and not styled. They follow the theme. */
export function useStateColours(): StateColours {
  const { colorScheme } = usePreferences();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the style sheet answers differently for another theme
  return useMemo(readColours, [colorScheme]);
}

function readColours(): StateColours {
  const probe = document.createElement("span");
  probe.style.color = "var(--state)";
  document.body.append(probe);
  const colours = executionStates.map((state) => {
    probe.dataset.state = state;
    return [state, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(colours) as StateColours;
}
