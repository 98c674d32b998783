import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { SearchSelect } from "../../components/search-select/search-select.tsx";

interface CategoryChoiceProps {
  readonly value: number | undefined;
  readonly onChange: (id: number | undefined) => void;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly clearable?: boolean;
  readonly autoFocus?: boolean;
  readonly error?: string | undefined;
}

/** An application category, found by typing any part of its path. */
export function CategoryChoice({ value, onChange, autoFocus = false, ...field }: CategoryChoiceProps) {
  const { t } = useTranslation();
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  return (
    <SearchSelect
      {...field}
      label={t("inventory.category")}
      limit={200}
      data-autofocus={autoFocus || undefined}
      data={categories.data?.functionCategories.map((category) => ({
        group: category.name,
        items: category.appCategories.map((app) => ({ value: String(app.id), label: `${category.name}/${app.name}` })),
      }))}
      failure={categories.error}
      onRetry={() => void categories.refetch()}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen === null ? undefined : Number(chosen))}
    />
  );
}
