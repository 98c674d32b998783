import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { EngineId } from "../../../src/contract/engine.ts";
import { controllersQuery } from "../../api/controllers-query.ts";
import { offeredEngines } from "../../api/offered-engines.ts";
import fields from "../../components/layout/fields.module.css";

const groupUses = ["tags", "categories", "ignore"] as const;

export interface EngineSource {
  readonly engine: EngineId | undefined;
  readonly controller: string;
  readonly groups: (typeof groupUses)[number];
}

interface EngineSourceFieldsProps {
  readonly value: EngineSource;
  readonly onChange: (value: EngineSource) => void;
}

/** Engines that have a system of their own which knows hosts. */
const sources = ["ansible", "salt", "func"] as const satisfies readonly EngineId[];

/** Which engine of which controller is asked, and what becomes of the groups there. */
export function EngineSourceFields({ value, onChange }: EngineSourceFieldsProps) {
  const { t } = useTranslation();
  const controllers = useQuery(controllersQuery);
  const names = (controllers.data?.controllers ?? []).map(({ name }) => name);
  const [only] = names;
  const asked = (controllers.data?.controllers ?? []).filter(({ name }) => name === value.controller);
  const offered = offeredEngines(asked).filter(({ id }) => sources.some((source) => source === id));
  useEffect(() => {
    if (value.controller === "" && only !== undefined) onChange({ ...value, controller: only });
  }, [value, only, onChange]);
  return (
    <>
      <p>{t("engine.sourceHint")}</p>
      <div className={fields.fields}>
        <Select
          label={t("engine.chooseController")}
          required
          data={names}
          value={value.controller === "" ? null : value.controller}
          onChange={(controller) => onChange({ ...value, engine: undefined, controller: controller ?? "" })}
        />
        <Select
          label={t("engine.chooseEngine")}
          required
          data={offered.map(({ id, standing }) => ({
            value: id,
            label: standing === "usable" ? id : t("engine.standing.unusable", { engine: id }),
            disabled: standing !== "usable",
          }))}
          value={value.engine ?? null}
          onChange={(picked) => onChange({ ...value, engine: offered.find(({ id }) => id === picked)?.id })}
        />
        <Select
          label={t("engine.groups")}
          data={groupUses.map((use) => ({ value: use, label: t(`engine.groupsAs.${use}`) }))}
          value={value.groups}
          onChange={(picked) => onChange({ ...value, groups: groupUses.find((use) => use === picked) ?? value.groups })}
          allowDeselect={false}
        />
      </div>
    </>
  );
}
