import { ActionIcon, Button, Select, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallOutput } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import filters from "../../components/layout/filters.module.css";
import { Panel } from "../../components/layout/panel.tsx";
import { ShownOnce } from "../../components/layout/shown-once.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";

type Token = CallOutput<"GET /tokens">["tokens"][number];

const lifetimes = ["30", "90", "365", ""] as const;

/** One's own API tokens: made, shown once, revoked. */
export function Tokens() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState<string>("90");
  const [revoked, setRevoked] = useState<Token | undefined>(undefined);
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => client.call("GET /tokens", { signal }) });
  const renew = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const create = useMutation({
    mutationFn: () =>
      client.call("POST /tokens", { body: { name, ...(days === "" ? {} : { expiresInDays: Number(days) }) } }),
    onSuccess: () => {
      setName("");
      return renew();
    },
  });
  const revoke = useMutation({
    mutationFn: (id: number) => client.call("DELETE /tokens/:id", { params: { id } }),
    onSuccess: () => {
      setRevoked(undefined);
      return renew();
    },
  });
  const rows = tokens.data?.tokens ?? [];
  const at = (time: number | undefined) => (time === undefined ? t("tokens.never") : format.dateTime(time));
  return (
    <Panel title={t("tokens.title")}>
      <p>{t("tokens.hint")}</p>
      <form
        className={filters.filters}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput label={t("tokens.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label={t("tokens.lifetime")}
          data={lifetimes.map((value) => ({
            value,
            label: value === "" ? t("tokens.forever") : t("tokens.days", { count: Number(value) }),
          }))}
          value={days}
          onChange={(value) => setDays(value ?? "")}
          allowDeselect={false}
        />
        <Button type="submit" disabled={name.trim() === ""} loading={create.isPending}>
          {t("tokens.create")}
        </Button>
      </form>
      {create.error ? <ProblemAlert error={create.error} /> : null}
      {create.data === undefined ? null : <ShownOnce label={t("tokens.shownOnce")} value={create.data.token} />}
      {tokens.error ? <ProblemAlert error={tokens.error} /> : null}
      {tokens.isLoading ? <Loading rows={2} /> : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("tokens.title")}
          rows={rows}
          rowKey={(token) => token.id}
          columns={[
            { key: "name", header: t("tokens.name"), cell: (token) => token.name },
            { key: "created", header: t("tokens.created"), wide: true, cell: (token) => at(token.createdAt) },
            { key: "used", header: t("tokens.lastUsed"), wide: true, cell: (token) => at(token.lastUsedAt) },
            {
              key: "expires",
              header: t("tokens.expires"),
              cell: ({ expiresAt }) => (expiresAt === undefined ? t("tokens.endless") : format.dateTime(expiresAt)),
            },
            {
              key: "revoke",
              header: t("tokens.revoke"),
              hidden: true,
              width: 48,
              cell: (token) => (
                <Tooltip label={t("tokens.revoke")}>
                  <ActionIcon
                    aria-label={t("tokens.revokeNamed", { name: token.name })}
                    onClick={() => setRevoked(token)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              ),
            },
          ]}
        />
      )}
      {revoked === undefined ? null : (
        <ConfirmDialog
          title={t("tokens.revoke")}
          text={t("tokens.revokeHint")}
          action={t("tokens.revokeNamed", { name: revoked.name })}
          danger
          isPending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(revoked.id)}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </Panel>
  );
}
