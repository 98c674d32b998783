import { Autocomplete, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import styles from "./operate.module.css";
import { changeOperate, operateState } from "./operate-state.ts";
import { splitWords } from "./split-words.ts";

/** One command, cut into its arguments as shown; no shell reads it. */
export function AdhocCommand() {
  const { t } = useTranslation();
  const { command } = useStore(operateState);
  const split = splitWords(command);
  return (
    <div className={styles.module}>
      <TextInput
        label={t("adhoc.command")}
        description={t("adhoc.commandHint")}
        classNames={{ input: styles.mono }}
        size="sm"
        placeholder="df -h /"
        value={command}
        onChange={(event) => changeOperate({ command: event.currentTarget.value })}
        error={split.ok ? undefined : t(`adhoc.${split.fault}`, { column: split.column })}
        spellCheck={false}
        autoComplete="off"
      />
      <p className={styles.words}>
        {split.ok
          ? split.words.map((word, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an argument is its place
              <code key={place} className={styles.word}>
                {word === "" ? "∅" : word}
              </code>
            ))
          : null}
      </p>
    </div>
  );
}

/** A script and the program that reads it. */
export function AdhocScript() {
  const { t } = useTranslation();
  const { script, interpreter } = useStore(operateState);
  return (
    <div className={styles.module}>
      <Autocomplete
        label={t("adhoc.interpreter")}
        classNames={{ input: styles.mono }}
        data={["/bin/sh", "/bin/bash", "/usr/bin/python3", "/usr/bin/perl"]}
        value={interpreter}
        onChange={(next) => changeOperate({ interpreter: next })}
        maw={280}
      />
      <Textarea
        label={t("adhoc.script")}
        classNames={{ input: styles.mono }}
        autosize
        minRows={5}
        maxRows={18}
        spellCheck={false}
        value={script}
        onChange={(event) => changeOperate({ script: event.currentTarget.value })}
      />
    </div>
  );
}
