import { NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import { changeOperate, operateState, type RunOptions } from "./operate-state.ts";

const numbers = [
  ["width", 1, 10_000],
  ["waveSize", 1, 100_000],
  ["maxFailures", 1, 100_000],
  ["timeoutSeconds", 1, 86_400],
] as const;

/** What the run options fold away. */
export function RunOptionFields() {
  const { t } = useTranslation();
  const { options } = useStore(operateState);
  const change = (name: keyof RunOptions, value: string | number) =>
    changeOperate({ options: { ...options, [name]: String(value) } });
  return (
    <>
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
    </>
  );
}
