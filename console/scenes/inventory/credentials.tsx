import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconKey, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Credential } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { CredentialDialog } from "./credential-dialog.tsx";
import styles from "./inventory.module.css";

/** Names and kinds of the ways into hosts. A secret goes to the controller and never comes back. */
export function Credentials() {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const [edited, setEdited] = useState<Credential | "new" | undefined>(undefined);
  const [deleted, setDeleted] = useState<Credential | undefined>(undefined);
  const credentials = useQuery({
    queryKey: ["credentials"],
    queryFn: ({ signal }) => client.call("GET /credentials", { signal }),
  });
  const renew = () => queries.invalidateQueries({ queryKey: ["credentials"] });
  const remove = useMutation({
    mutationFn: (id: number) => client.call("DELETE /credentials/:id", { params: { id } }),
    onSuccess: () => {
      setDeleted(undefined);
      return renew();
    },
  });
  const may = can("credentials.manage");
  const rows = credentials.data?.credentials ?? [];
  return (
    <section className={styles.list} aria-label={t("inventory.credentials")}>
      <div className={styles.listHead}>
        <p className={styles.about}>{t("credentials.about")}</p>
        {may ? (
          <Button leftSection={<IconPlus size={14} />} onClick={() => setEdited("new")}>
            {t("credentials.add")}
          </Button>
        ) : null}
      </div>
      {credentials.error ? <ProblemAlert error={credentials.error} onRetry={() => void credentials.refetch()} /> : null}
      {credentials.isLoading ? <Loading rows={4} /> : null}
      {credentials.data !== undefined && rows.length === 0 ? (
        <Empty icon={<IconKey size={28} />} title={t("credentials.none")} />
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("inventory.credentials")}
          rows={rows}
          rowKey={(credential) => credential.id}
          columns={[
            { key: "name", header: t("inventory.name"), cell: (one) => <code>{one.name}</code> },
            { key: "kind", header: t("credentials.kind"), cell: (one) => t(`credentials.kinds.${one.kind}`) },
            { key: "user", header: t("inventory.user"), wide: true, cell: (one) => <code>{one.user}</code> },
            { key: "about", header: t("modules.description"), wide: true, cell: (one) => one.description },
            {
              key: "zones",
              header: t("zones.many"),
              cell: (one) => (one.zones.length === 0 ? t("zones.all") : one.zones.join(", ")),
            },
            {
              key: "held",
              header: t("zones.heldBy"),
              wide: true,
              cell: (one) => (one.heldBy.length === 0 ? t("zones.heldByNone") : one.heldBy.join(", ")),
            },
            {
              key: "at",
              header: t("credentials.updated"),
              width: 250,
              wide: true,
              cell: (one) => `${format.dateTime(one.updatedAt)} · ${one.updatedBy}`,
            },
            {
              key: "actions",
              header: t("users.actions"),
              hidden: true,
              width: 84,
              cell: (one) =>
                may ? (
                  <>
                    <Tooltip label={t("credentials.replace")}>
                      <ActionIcon
                        aria-label={t("credentials.replaceNamed", { name: one.name })}
                        onClick={() => setEdited(one)}
                      >
                        <IconPencil size={15} />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label={t("inventory.delete")}>
                      <ActionIcon
                        aria-label={t("inventory.deleteNamed", { name: one.name })}
                        onClick={() => setDeleted(one)}
                      >
                        <IconTrash size={15} />
                      </ActionIcon>
                    </Tooltip>
                  </>
                ) : null,
            },
          ]}
        />
      )}
      {edited === undefined ? null : (
        <CredentialDialog
          credential={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onSaved={() => void renew()}
        />
      )}
      {deleted === undefined ? null : (
        <ConfirmDialog
          title={t("inventory.delete")}
          text={t("credentials.deleteHint")}
          action={t("inventory.deleteNamed", { name: deleted.name })}
          danger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(deleted.id)}
          onClose={() => setDeleted(undefined)}
        />
      )}
    </section>
  );
}
