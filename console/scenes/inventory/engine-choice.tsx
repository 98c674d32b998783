import { MultiSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type EngineId, engineIds } from "../../../src/contract/engine.ts";

interface EngineChoiceProps {
  readonly value: readonly EngineId[];
  readonly onChange: (value: EngineId[]) => void;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autoFocus?: boolean;
}

/** Engines in order of preference: the order in which they are picked. */
export function EngineChoice({
  value,
  onChange,
  error,
  placeholder = "",
  required = false,
  autoFocus = false,
}: EngineChoiceProps) {
  const { t } = useTranslation();
  return (
    <MultiSelect
      label={t("inventory.engines")}
      description={t("inventory.enginesHint")}
      placeholder={value.length === 0 ? placeholder : ""}
      required={required}
      data-autofocus={autoFocus || undefined}
      data={[...engineIds]}
      value={[...value]}
      onChange={(picked) => onChange(picked.flatMap((id) => engineIds.filter((known) => known === id)))}
      error={error}
    />
  );
}
