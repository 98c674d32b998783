import { Autocomplete, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import { languageOf } from "../../components/code-editor/code-language.ts";
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
      <div className={styles.script}>
        <span className={styles.scriptLabel} aria-hidden="true">
          {t("adhoc.script")}
        </span>
        <CodeEditor
          label={t("adhoc.script")}
          size="field"
          language={languageOf(interpreter)}
          value={script}
          problems={[]}
          onChange={(text) => changeOperate({ script: text })}
        />
      </div>
    </div>
  );
}
