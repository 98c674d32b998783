import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { QueryCompletion } from "../../api/suggest-query.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./suggestion-list.module.css";

interface SuggestionListProps {
  readonly id: string;
  readonly options: QueryCompletion["options"];
  readonly active: number;
  readonly onAccept: (at: number) => void;
}

export function optionId(listId: string, at: number): string {
  return `${listId}-${at}`;
}

/** What the word at the cursor can become. The focus stays in the box, which names the active option. */
export function SuggestionList({ id, options, active, onAccept }: SuggestionListProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={t("query.suggestions")} className={styles.list}>
      {options.map(({ text, kind, count }, at) => (
        <div
          key={`${kind} ${text}`}
          id={optionId(id, at)}
          role="option"
          tabIndex={-1}
          aria-selected={at === active}
          className={styles.option}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onAccept(at)}
          onKeyDown={() => undefined}
        >
          <span className={styles.text}>{text}</span>
          <span className={styles.kind}>
            {t(`query.kind.${kind}`)}
            {count > 1 ? ` · ${format.number(count)}` : null}
          </span>
        </div>
      ))}
    </div>
  );
}
