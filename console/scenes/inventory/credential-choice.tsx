import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";

interface CredentialChoiceProps {
  /** Empty for the controller's default; undefined where nothing is chosen. */
  readonly value: string | undefined;
  readonly onChange: (name: string | undefined) => void;
  readonly placeholder?: string;
  readonly description?: string;
  readonly clearable?: boolean;
  readonly autoFocus?: boolean;
  readonly error?: string | undefined;
}

const byDefault = "\u0000";

/** A way into hosts by its name, or the default one. */
export function CredentialChoice({ value, onChange, autoFocus = false, ...field }: CredentialChoiceProps) {
  const { t } = useTranslation();
  const credentials = useQuery({
    queryKey: ["credentials"],
    queryFn: ({ signal }) => client.call("GET /credentials", { signal }),
  });
  const names = (credentials.data?.credentials ?? []).map(({ name }) => name);
  // One that is gone meanwhile still shows as what it is.
  const known = value === undefined || value === "" || names.includes(value) ? names : [...names, value];
  return (
    <Select
      {...field}
      label={t("inventory.credential")}
      data-autofocus={autoFocus || undefined}
      allowDeselect={field.clearable === true}
      data={[
        { value: byDefault, label: t("inventory.byDefault") },
        ...known.map((name) => ({ value: name, label: name })),
      ]}
      value={value === undefined ? null : value || byDefault}
      onChange={(chosen) => onChange(chosen === null ? undefined : chosen === byDefault ? "" : chosen)}
    />
  );
}
