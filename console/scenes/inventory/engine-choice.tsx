import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { EngineId } from "../../../src/contract/engine.ts";
import { controllersQuery } from "../../api/controllers-query.ts";
import { offeredEngines } from "../../api/offered-engines.ts";

interface EngineChoiceProps {
  readonly value: readonly EngineId[];
  readonly onChange: (value: EngineId[]) => void;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autoFocus?: boolean;
}

/** Engines in order of preference: the order in which they are picked, of those that the controllers have. */
export function EngineChoice({
  value,
  onChange,
  error,
  placeholder = "",
  required = false,
  autoFocus = false,
}: EngineChoiceProps) {
  const { t } = useTranslation();
  const controllers = useQuery(controllersQuery);
  const options = offeredEngines(controllers.data?.controllers ?? [], value);
  // Until the controllers are known, nothing is said of what they lack.
  const isKnown = controllers.data !== undefined;
  return (
    <MultiSelect
      label={t("inventory.engines")}
      description={t("inventory.enginesHint")}
      placeholder={value.length === 0 ? placeholder : ""}
      required={required}
      data-autofocus={autoFocus || undefined}
      data={options.map(({ id, standing }) => ({
        value: id,
        label: standing === "usable" || !isKnown ? id : t(`engine.standing.${standing}`, { engine: id }),
      }))}
      value={[...value]}
      onChange={(picked) => onChange(picked.flatMap((id) => options.filter((option) => option.id === id).map(idOf)))}
      error={error}
    />
  );
}

function idOf({ id }: { readonly id: EngineId }): EngineId {
  return id;
}
