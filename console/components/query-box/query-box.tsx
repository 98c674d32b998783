import { ActionIcon, Popover, Textarea } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import { ReasonText } from "../state/reason-text.tsx";
import styles from "./query-box.module.css";
import { faultOf } from "./query-fault.ts";
import { optionId, SuggestionList } from "./suggestion-list.tsx";
import { type Suggest, useSuggestions } from "./use-suggestions.ts";

interface QueryBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (query: string) => void;
  readonly placeholder: string;
  /** The server's answer to the query; undefined while there is none. */
  readonly matched?: { readonly count: number; readonly hosts: string } | undefined;
  readonly error?: unknown;
  readonly isLoading?: boolean;
  readonly minRows?: number;
  /** Said while the box is empty. */
  readonly emptyText?: string | undefined;
  /** What the word at the cursor can become; without it nothing is suggested. */
  readonly suggest?: Suggest;
}

/**
 * A host query with what it matches, or where it is wrong. Its height changes only with its own text. A box of several
 * lines may not be an ARIA combobox: it is a text box that names its list of suggestions and the active one.
 */
export function QueryBox(props: QueryBoxProps) {
  const {
    label,
    value,
    onChange,
    placeholder,
    matched,
    error,
    isLoading = false,
    minRows = 2,
    emptyText,
    suggest,
  } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const answerId = useId();
  const listId = useId();
  const suggestions = useSuggestions(suggest, onChange);
  const { shown } = suggestions;
  const fault = error === undefined || error === null ? undefined : faultOf(value, error);
  // A word that is still being completed is not wrong yet.
  const shownFault = fault !== undefined && shown === undefined;
  return (
    <div className={styles.box} data-faulty={shownFault || undefined}>
      <Popover opened={shown !== undefined} width="target" position="bottom-start" offset={2} withRoles={false}>
        <Popover.Target>
          <div>
            <Textarea
              aria-label={label}
              aria-describedby={answerId}
              aria-invalid={shownFault}
              value={value}
              ref={suggestions.input}
              aria-autocomplete={suggest === undefined ? undefined : "list"}
              aria-haspopup={suggest === undefined ? undefined : "listbox"}
              aria-controls={shown === undefined ? undefined : listId}
              aria-activedescendant={
                shown === undefined || shown.active < 0 ? undefined : optionId(listId, shown.active)
              }
              onChange={(event) => {
                onChange(event.currentTarget.value);
                suggestions.ask(event.currentTarget.value, event.currentTarget.selectionStart);
              }}
              onKeyDown={suggestions.onKeyDown}
              onBlur={suggestions.close}
              placeholder={placeholder}
              autosize
              minRows={minRows}
              maxRows={8}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              classNames={{ input: styles.input }}
              rightSection={
                value === "" ? null : (
                  <ActionIcon size="sm" aria-label={t("query.clear")} onClick={() => onChange("")}>
                    <IconX size={14} />
                  </ActionIcon>
                )
              }
              rightSectionProps={{ className: styles.clear }}
            />
          </div>
        </Popover.Target>
        <Popover.Dropdown p={0}>
          {shown === undefined ? null : (
            <SuggestionList id={listId} options={shown.options} active={shown.active} onAccept={suggestions.accept} />
          )}
        </Popover.Dropdown>
      </Popover>
      <div
        id={answerId}
        className={styles.answer}
        aria-live="polite"
        data-loading={isLoading || undefined}
        data-short={minRows === 1 || undefined}
      >
        {fault !== undefined ? (
          <>
            {fault.excerpt === undefined ? null : (
              <pre className={styles.place}>
                {fault.excerpt}
                {"\n"}
                <span className={styles.caret}>{fault.caret}</span>
              </pre>
            )}
            <p className={styles.fault}>
              <ReasonText text={fault.message} />
            </p>
          </>
        ) : value.trim() === "" ? (
          <p className={styles.hint}>{emptyText ?? t("query.empty")}</p>
        ) : matched === undefined ? (
          <p className={styles.hint}>{t("query.counting")}</p>
        ) : (
          <>
            <p>
              <strong>{t("query.matches", { count: matched.count, shown: format.number(matched.count) })}</strong>
            </p>
            {matched.hosts === "" ? null : (
              <p className={styles.hosts} title={matched.hosts.slice(0, 2_000)}>
                {matched.hosts.slice(0, 2_000)}
              </p>
            )}
          </>
        )}
      </div>
    </div>
  );
}
