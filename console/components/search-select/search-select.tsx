import { Select, type SelectProps } from "@mantine/core";
import { type KeyboardEvent, useRef } from "react";
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
  const isTyped = useRef(false);
  const isHere = data !== undefined;
  const isAway = !isHere && Boolean(failure);

  /**
   * Enter takes what is marked, else the first that what was typed finds. Mantine goes by an index, which a timer of the
   * opening takes back where the typing was quicker: then the entry stood marked and Enter did nothing.
   */
  function takeFound(event: KeyboardEvent<HTMLInputElement>): void {
    const { isComposing, keyCode } = event.nativeEvent;
    // 229: an input method is still at work.
    if (event.key !== "Enter" || isComposing || keyCode === 229) return;
    const list = document.getElementById(event.currentTarget.getAttribute("aria-controls") ?? "");
    const found = (state: string) => list?.querySelector<HTMLElement>(`[data-combobox-option]${state}`);
    const option =
      found("[data-combobox-selected]") ?? (isTyped.current ? found(":not([data-combobox-disabled])") : null);
    if (!option) return;
    event.preventDefault();
    event.stopPropagation();
    option.click();
  }

  return (
    <Select
      {...others}
      searchable
      // The first is marked whenever this becomes true, too: that is when late options have come.
      selectFirstOptionOnChange={isHere}
      onInput={() => {
        isTyped.current = true;
      }}
      onKeyDownCapture={takeFound}
      nothingFoundMessage={isHere ? nothingFoundMessage : t(isAway ? "feedback.choicesAway" : "feedback.loading")}
      onDropdownOpen={() => {
        if (isAway) onRetry?.();
      }}
      onDropdownClose={() => {
        isTyped.current = false;
      }}
      {...(isHere ? { data } : {})}
    />
  );
}
