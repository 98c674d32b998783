import { Autocomplete } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useZones } from "./use-zones.ts";

interface ZoneFieldProps {
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly error?: string | undefined;
  /** Instead of “as its category”. */
  readonly placeholder?: string;
}

/** A zone, freely named; those that have a controller are suggested. */
export function ZoneField({ value, onChange, error, placeholder }: ZoneFieldProps) {
  const { t } = useTranslation();
  return (
    <Autocomplete
      label={t("zones.zone")}
      description={t("zones.hint")}
      placeholder={placeholder ?? t("zones.asAbove")}
      data={useZones()}
      value={value}
      onChange={onChange}
      error={error}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
