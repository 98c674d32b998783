import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { BoundedNumber } from "../../components/layout/bounded-number.tsx";
import fields from "../../components/layout/fields.module.css";
import { CategoryFields } from "./category-fields.tsx";
import type { CategoryNames, ChosenHosts } from "./chosen-hosts.ts";
import styles from "./first-run.module.css";
import { RefusedRows } from "./refused-rows.tsx";
import { useAddHost } from "./use-import.ts";

interface HostByHandProps {
  readonly onChosen: (hosts: ChosenHosts) => void;
}

const sampleName = "web01";

/** The few things that are needed of a host; the inventory has all others. */
export function HostByHand({ onChosen }: HostByHandProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [port, setPort] = useState(22);
  const [category, setCategory] = useState<CategoryNames>(() => ({
    functionCategory: t("firstRun.defaultFunction"),
    appCategory: t("firstRun.defaultApp"),
  }));
  const { add, isPending, error, refused } = useAddHost(onChosen);
  const isReady =
    name.trim() !== "" &&
    category.functionCategory.trim() !== "" &&
    category.appCategory.trim() !== "" &&
    !Number.isNaN(port);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        const place = address.trim() === "" ? name.trim() : address.trim();
        add({ name: name.trim(), address: place, port, engine: "ssh", category });
      }}
    >
      <div className={fields.fields}>
        <TextInput
          label={t("inventory.name")}
          description={t("firstRun.nameHint")}
          required
          autoComplete="off"
          spellCheck={false}
          placeholder={sampleName}
          classNames={{ input: styles.mono }}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("firstRun.address")}
          description={t("firstRun.addressHint")}
          autoComplete="off"
          spellCheck={false}
          placeholder="192.0.2.10"
          classNames={{ input: styles.mono }}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <BoundedNumber label={t("inventory.port")} min={1} max={65_535} whole value={port} onChange={setPort} />
      </div>
      <div className={fields.fields}>
        <CategoryFields value={category} onChange={setCategory} />
      </div>
      {error ? <ProblemAlert error={error} /> : null}
      <RefusedRows rows={refused} />
      <Button type="submit" size="sm" loading={isPending} disabled={!isReady}>
        {name.trim() === "" ? t("firstRun.addHost") : t("firstRun.addNamed", { name: name.trim() })}
      </Button>
    </form>
  );
}
