import { NumberInput, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import layout from "../../components/layout/fields.module.css";
import styles from "./operate.module.css";
import { changeOperate, operateState, type RunOptions } from "./operate-state.ts";

/** Width, waves, limits: folded away, since the settings' values do for most runs. */
export function RunOptionsForm() {
  const { t } = useTranslation();
  const { options } = useStore(operateState);
  const set = Object.values(options).filter((text) => text !== "").length;
  const [open, setOpen] = useState(set > 0);
  const id = useId();
  const change = (name: keyof RunOptions, value: string | number) =>
    changeOperate({ options: { ...options, [name]: String(value) } });
  const numbers = [
    ["width", 1, 10_000],
    ["waveSize", 1, 100_000],
    ["maxFailures", 1, 100_000],
    ["timeoutSeconds", 1, 86_400],
  ] as const;
  return (
    <div className={styles.options}>
      <UnstyledButton
        className={styles.optionsToggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} data-open={open} />
        {set === 0 ? t("options.title") : t("options.titleSet", { count: set })}
      </UnstyledButton>
      {open ? (
        <div id={id} className={`${styles.optionsForm} ${layout.fields}`}>
          {numbers.map(([name, min, max]) => (
            <NumberInput
              key={name}
              label={t(`options.${name}`)}
              description={t(`options.${name}Hint`)}
              placeholder={t("options.asSet")}
              min={min}
              max={max}
              allowDecimal={false}
              value={options[name]}
              onChange={(value) => change(name, value)}
            />
          ))}
          <TextInput
            label={t("options.becomeUser")}
            description={t("options.becomeUserHint")}
            placeholder={t("options.asSet")}
            value={options.becomeUser}
            onChange={(event) => change("becomeUser", event.currentTarget.value)}
          />
        </div>
      ) : null}
    </div>
  );
}
