import { Modal, VisuallyHidden } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Findable, findEntries } from "./find-entries.ts";
import styles from "./palette.module.css";

export interface PaletteEntry extends Findable {
  readonly group: string;
  readonly title: string;
  /** Quiet, beside the title: a number, a key. */
  readonly note: string;
  readonly icon: ReactNode;
  /** At the end of the line. */
  readonly mark?: ReactNode;
}

interface PaletteProps {
  readonly entries: readonly PaletteEntry[];
  /** Ids of entries that were used last, newest first. */
  readonly recent: readonly string[];
  /** What is looked for; held by whoever opens it, who may know it before the palette is there. */
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onChoose: (entry: PaletteEntry) => void;
  readonly onClose: () => void;
}

/** So many lines are drawn; who looks for more writes another letter. */
const mostShown = 60;
const mostRecent = 6;
/** As it is printed on keyboards everywhere. */
const closingKey = "Esc";

/** Everything that can be gone to or started, by a few letters: arrow keys move, Enter takes, Esc closes. */
export function Palette({ entries, recent, search, onSearch, onChoose, onClose }: PaletteProps) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const id = useId();
  const sections = useMemo(
    () => sectionsOf(findEntries(entries, search, recent), search, recent, t("palette.recent")),
    [entries, search, recent, t],
  );
  const found = sections.flatMap((section) => section.entries);
  const active = found[Math.min(at, found.length - 1)];
  const optionId = (entry: PaletteEntry) => `${id}-${entry.id}`;
  const activeId = active === undefined ? undefined : optionId(active);
  useEffect(() => {
    if (activeId !== undefined) document.getElementById(activeId)?.scrollIntoView({ block: "nearest" });
  }, [activeId]);

  function move(event: KeyboardEvent): void {
    const last = found.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at >= last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      PageDown: Math.min(last, at + 8),
      PageUp: Math.max(0, at - 8),
    };
    const next = steps[event.key];
    if (next !== undefined) setAt(Math.max(0, next));
    else if (event.key === "Enter" && active !== undefined && !event.nativeEvent.isComposing) onChoose(active);
    else return;
    event.preventDefault();
  }

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      yOffset="10vh"
      size={600}
      attributes={{ content: { "aria-label": t("palette.title") } }}
      classNames={{ content: styles.content, body: styles.body, inner: styles.inner }}
    >
      <div className={styles.search}>
        <IconSearch size={18} aria-hidden="true" />
        <input
          data-autofocus
          className={styles.input}
          role="combobox"
          aria-label={t("palette.search")}
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={activeId}
          aria-autocomplete="list"
          placeholder={t("palette.placeholder")}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={search}
          onChange={(event) => {
            onSearch(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={move}
        />
        <kbd className={styles.key}>{closingKey}</kbd>
      </div>
      <div id={`${id}-list`} className={styles.list} role="listbox" aria-label={t("palette.title")}>
        {sections.map(({ group, entries: members }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
          <div key={group} role="group" aria-label={group}>
            <div className={styles.group} aria-hidden="true">
              {group}
            </div>
            {members.map((entry) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the search field's
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the search field
              <div
                key={entry.id}
                id={optionId(entry)}
                role="option"
                className={styles.option}
                aria-selected={entry === active}
                onMouseMove={() => setAt(found.indexOf(entry))}
                onClick={() => onChoose(entry)}
              >
                <span className={styles.icon} aria-hidden="true">
                  {entry.icon}
                </span>
                <span className={styles.title}>{entry.title}</span>
                <span className={styles.note}>{entry.note}</span>
                {entry.mark}
              </div>
            ))}
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={styles.none}>{t("palette.none", { search })}</p> : null}
      <VisuallyHidden role="status">{t("palette.found", { count: found.length })}</VisuallyHidden>
    </Modal>
  );
}

interface Section {
  readonly group: string;
  readonly entries: readonly PaletteEntry[];
}

/** Groups in the order of their best entry. Before a search, what was used lately is a group of its own, on top. */
function sectionsOf(
  found: readonly PaletteEntry[],
  search: string,
  recent: readonly string[],
  recentGroup: string,
): readonly Section[] {
  const lately = search.trim() === "" ? found.filter(({ id }) => recent.includes(id)).slice(0, mostRecent) : [];
  const others = found.filter((entry) => !lately.includes(entry)).slice(0, mostShown);
  const groups = [...Map.groupBy(others, ({ group }) => group)].map(([group, entries]) => ({ group, entries }));
  return lately.length === 0 ? groups : [{ group: recentGroup, entries: lately }, ...groups];
}
