import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";

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
  const status = useQuery({
    queryKey: ["controllers"],
    queryFn: ({ signal }) => client.call("GET /controllers", { signal }),
  });
  const zones = [...new Set((status.data?.controllers ?? []).map(({ zone }) => zone))].sort();
  return (
    <Autocomplete
      label={t("zones.zone")}
      description={t("zones.hint")}
      placeholder={placeholder ?? t("zones.asAbove")}
      data={zones}
      value={value}
      onChange={onChange}
      error={error}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
