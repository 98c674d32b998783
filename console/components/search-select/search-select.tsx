import { Select, type SelectProps } from "@mantine/core";
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
      nothingFoundMessage={isHere ? nothingFoundMessage : t(isAway ? "feedback.choicesAway" : "feedback.loading")}
      onDropdownOpen={() => {
        if (isAway) onRetry?.();
      }}
      {...(isHere ? { data } : {})}
    />
  );
}
