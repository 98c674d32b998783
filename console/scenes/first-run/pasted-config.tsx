import { Button, FileButton, Textarea } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import fields from "../../components/layout/fields.module.css";
import { appTerm } from "../operate/query-text.ts";
import { CategoryFields } from "./category-fields.tsx";
import { type CategoryNames, type ChosenHosts, hostsOfImport } from "./chosen-hosts.ts";
import styles from "./first-run.module.css";
import { RefusedRows } from "./refused-rows.tsx";

interface PastedConfigProps {
  readonly onChosen: (hosts: ChosenHosts) => void;
}

const sample = `Host web01
  HostName 192.0.2.10
  User deploy
Host web02
  HostName 192.0.2.11
  ProxyJump bastion.example.com`;

/** The hosts of an OpenSSH client configuration; what would be taken is shown before anything is. */
export function PastedConfig({ onChosen }: PastedConfigProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [category, setCategory] = useState<CategoryNames>(() => ({
    functionCategory: t("firstRun.defaultFunction"),
    appCategory: t("firstRun.defaultApp"),
  }));
  const ask = (preview: boolean) =>
    client.call("POST /hosts/import", {
      body: {
        format: "ssh_config",
        text,
        preview,
        skipRefused: true,
        category: appTerm(category.functionCategory.trim(), category.appCategory.trim()),
      },
    });
  const look = useMutation({ mutationFn: () => ask(true) });
  const add = useMutation({ mutationFn: async () => hostsOfImport(await ask(false)), onSuccess: onChosen });
  const report = look.data;
  const names = report === undefined ? [] : [...report.added, ...report.changed].map(({ name }) => name);
  function change(act: () => void): void {
    act();
    look.reset();
    add.reset();
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (report === undefined) look.mutate();
        else add.mutate();
      }}
    >
      <Textarea
        label={t("firstRun.way.sshConfig")}
        description={t("firstRun.sshConfigHint")}
        classNames={{ input: styles.mono }}
        rows={8}
        spellCheck={false}
        placeholder={sample}
        value={text}
        onChange={(event) => {
          const next = event.currentTarget.value;
          change(() => setText(next));
        }}
      />
      <FileButton
        onChange={(file) => {
          file?.text().then((content) => change(() => setText(content)), tellFailed);
        }}
      >
        {(props) => (
          <Button {...props} variant="default" leftSection={<IconUpload size={14} />}>
            {t("inventory.chooseFile")}
          </Button>
        )}
      </FileButton>
      <div className={fields.fields}>
        <CategoryFields value={category} onChange={(next) => change(() => setCategory(next))} />
      </div>
      {look.error ? <ProblemAlert error={look.error} /> : null}
      {add.error ? <ProblemAlert error={add.error} /> : null}
      {report === undefined ? null : (
        <p role="status">
          {names.length > 0 ? t("firstRun.willAdd", { count: names.length }) : t("firstRun.nothingNew")}{" "}
          <code>{foldHosts(names)}</code>
        </p>
      )}
      <RefusedRows rows={report?.refused ?? []} />
      <Button
        type="submit"
        size="sm"
        loading={look.isPending || add.isPending}
        disabled={text.trim() === "" || (report !== undefined && names.length === 0)}
      >
        {report === undefined ? t("firstRun.look") : t("firstRun.addHosts", { count: names.length })}
      </Button>
    </form>
  );
}
