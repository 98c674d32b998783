import { ActionIcon, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./output.module.css";
import type { OutputLines } from "./output-lines.ts";
import { outputSearch } from "./output-search.ts";

interface FindInOutputProps {
  readonly lines: OutputLines;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** The line to look at; undefined where nothing was found. */
  readonly onCurrent: (line: number | undefined) => void;
}

/** Looks for text in an output; Enter and the arrows lead from line to line, over the end to the beginning. */
export function FindInOutput({ lines, text, onText, onCurrent }: FindInOutputProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useMemo(() => outputSearch(lines), [lines]);
  const wanted = useDeferredValue(text);
  const found = useMemo(() => search.find(wanted), [search, wanted]);
  const [place, setPlace] = useState(0);
  const at = Math.min(place, Math.max(0, found.length - 1));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is looked for from the beginning
  useEffect(() => setPlace(0), [wanted]);
  useEffect(() => onCurrent(found[at]), [found, at, onCurrent]);

  const step = (by: number) => setPlace((at + by + found.length) % Math.max(1, found.length));
  return (
    <search className={styles.find} data-matches={wanted === "" ? undefined : found.length}>
      <TextInput
        type="search"
        size="xs"
        aria-label={t("output.find")}
        placeholder={t("output.find")}
        leftSection={<IconSearch size={13} />}
        rightSection={
          <span className={styles.matches} role="status">
            {wanted === ""
              ? ""
              : t("output.matches", {
                  at: format.number(found.length === 0 ? 0 : at + 1),
                  all: format.number(found.length),
                })}
          </span>
        }
        rightSectionWidth={wanted === "" ? 8 : 84}
        rightSectionPointerEvents="none"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          step(event.shiftKey ? -1 : 1);
        }}
      />
      <ActionIcon size="sm" aria-label={t("output.previous")} disabled={found.length === 0} onClick={() => step(-1)}>
        <IconChevronUp size={14} />
      </ActionIcon>
      <ActionIcon size="sm" aria-label={t("output.next")} disabled={found.length === 0} onClick={() => step(1)}>
        <IconChevronDown size={14} />
      </ActionIcon>
    </search>
  );
}
