import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { type EngineId, engineIds } from "../../../src/contract/engine.ts";
import { client } from "../../api/client.ts";
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
  const controllers = useQuery({
    queryKey: ["controllers"],
    queryFn: ({ signal }) => client.call("GET /controllers", { signal }),
  });
  const names = (controllers.data?.controllers ?? []).map(({ name }) => name);
  const [only] = names;
  useEffect(() => {
    if (value.controller === "" && only !== undefined) onChange({ ...value, controller: only });
  }, [value, only, onChange]);
  return (
    <>
      <p>{t("engine.sourceHint")}</p>
      <div className={fields.fields}>
        <Select
          label={t("engine.chooseEngine")}
          required
          data={[...sources]}
          value={value.engine ?? null}
          onChange={(picked) => onChange({ ...value, engine: engineIds.find((id) => id === picked) })}
        />
        <Select
          label={t("engine.chooseController")}
          required
          data={names}
          value={value.controller === "" ? null : value.controller}
          onChange={(controller) => onChange({ ...value, controller: controller ?? "" })}
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
