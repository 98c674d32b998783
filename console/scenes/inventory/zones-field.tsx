import { TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useZones } from "./use-zones.ts";

interface ZonesFieldProps {
  readonly value: readonly string[];
  readonly onChange: (zones: string[]) => void;
  readonly error?: string | undefined;
}

/** Zones whose controllers a secret goes to, freely named; those that have a controller are suggested. */
export function ZonesField({ value, onChange, error }: ZonesFieldProps) {
  const { t } = useTranslation();
  return (
    <TagsInput
      label={t("zones.many")}
      description={t("zones.secretHint")}
      placeholder={value.length === 0 ? t("zones.all") : ""}
      data={useZones()}
      value={[...value]}
      onChange={onChange}
      error={error}
      splitChars={[",", " "]}
      acceptValueOnBlur
    />
  );
}
