import { Select, type SelectProps } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

interface SearchSelectProps extends Omit<SelectProps, "searchable" | "selectFirstOptionOnChange" | "data"> {
  /** Undefined while it is awaited: what is typed meanwhile is kept, and found as soon as it is here. */
  readonly data: SelectProps["data"];
  /** Why the choices did not come: the list says that they did not, and to open it again tries again. */
  readonly failure?: unknown;
  readonly onRetry?: () => void;
}

/** One of many, found by typing: Enter takes the first that is found. */
export function SearchSelect({ data, failure, onRetry, nothingFoundMessage, ...others }: SearchSelectProps) {
  const { t } = useTranslation();
  const isHere = data !== undefined;
  const isAway = !isHere && Boolean(failure);
  return (
    <Select
      {...others}
      searchable
      // The first is marked whenever this becomes true, too: that is when late options have come.
      selectFirstOptionOnChange={isHere}
      onKeyDownCapture={takeMarked}
      nothingFoundMessage={isHere ? nothingFoundMessage : t(isAway ? "feedback.choicesAway" : "feedback.loading")}
      onDropdownOpen={() => {
        if (isAway) onRetry?.();
      }}
      {...(isHere ? { data } : {})}
    />
  );
}

/**
 * Enter takes what is marked. Mantine goes by an index, which a timer of the opening takes back where the typing was
 * quicker: the entry stood marked, and Enter did nothing.
 */
function takeMarked(event: KeyboardEvent<HTMLInputElement>): void {
  const { isComposing, keyCode } = event.nativeEvent;
  // 229: an input method is still at work.
  if (event.key !== "Enter" || isComposing || keyCode === 229) return;
  const list = document.getElementById(event.currentTarget.getAttribute("aria-controls") ?? "");
  const marked = list?.querySelector<HTMLElement>("[data-combobox-selected]");
  if (!marked) return;
  event.preventDefault();
  event.stopPropagation();
  marked.click();
}
