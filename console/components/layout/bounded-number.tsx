import { NumberInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

interface BoundedNumberProps {
  readonly label: string;
  readonly description?: string;
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  readonly disabled?: boolean;
  readonly value: number;
  /** NaN while there is no number within the bounds. */
  readonly onChange: (value: number) => void;
  /** What else is wrong with it. */
  readonly error?: string | undefined;
}

/** A number that is needed. What was typed is never changed into another number: outside of the bounds the field says so. */
export function BoundedNumber({ whole = false, value, onChange, error, ...field }: BoundedNumberProps) {
  const { t } = useTranslation();
  const { min, max } = field;
  const [typed, setTyped] = useState<number | string>(Number.isNaN(value) ? "" : value);
  const shown = Number.isNaN(value) || Number(typed) === value ? typed : value;

  function fault(): string | undefined {
    if (shown === "") return t("form.fault.required");
    if (Number(shown) < min) return t("form.fault.minimum", { limit: min });
    if (Number(shown) > max) return t("form.fault.maximum", { limit: max });
    return error;
  }

  return (
    <NumberInput
      {...field}
      allowDecimal={!whole}
      clampBehavior="none"
      value={shown}
      onChange={(next) => {
        setTyped(next);
        const isIn = next !== "" && Number(next) >= min && Number(next) <= max;
        onChange(isIn ? Number(next) : Number.NaN);
      }}
      error={fault()}
    />
  );
}
