import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { CategoryNames } from "./chosen-hosts.ts";

interface CategoryFieldsProps {
  readonly value: CategoryNames;
  readonly onChange: (value: CategoryNames) => void;
}

/** Where hosts stand in the tree: a category that is there, or a new one. */
export function CategoryFields({ value, onChange }: CategoryFieldsProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const known = data?.functionCategories ?? [];
  const apps = known.find(({ name }) => name === value.functionCategory)?.appCategories ?? [];
  return (
    <>
      <Autocomplete
        label={t("firstRun.functionCategory")}
        required
        data={known.map(({ name }) => name)}
        value={value.functionCategory}
        onChange={(functionCategory) => onChange({ ...value, functionCategory })}
      />
      <Autocomplete
        label={t("firstRun.appCategory")}
        required
        data={apps.map(({ name }) => name)}
        value={value.appCategory}
        onChange={(appCategory) => onChange({ ...value, appCategory })}
      />
    </>
  );
}
