import { Button, Menu } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { User } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import { MoreMenu } from "../../components/layout/more-menu.tsx";
import { Page } from "../../components/layout/page.tsx";
import { ShownOnce } from "../../components/layout/shown-once.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { UserDialog } from "./user-dialog.tsx";

/** Who may sign in, and what they may do. */
export function Users() {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const [edited, setEdited] = useState<User | "new" | undefined>(undefined);
  const [deleted, setDeleted] = useState<User | undefined>(undefined);
  const users = useQuery({ queryKey: ["users"], queryFn: ({ signal }) => client.call("GET /users", { signal }) });
  const renew = () => queries.invalidateQueries({ queryKey: ["users"] });
  const change = useMutation({
    mutationFn: ({ id, enabled }: { id: number; enabled: boolean }) =>
      client.call("PATCH /users/:id", { params: { id }, body: { enabled } }),
    onSuccess: renew,
    onError: tellFailed,
  });
  const remove = useMutation({
    mutationFn: (id: number) => client.call("DELETE /users/:id", { params: { id } }),
    onSuccess: () => {
      setDeleted(undefined);
      return renew();
    },
  });
  const link = useMutation({
    mutationFn: (user: User) => client.call("POST /users/:id/sign-in-link", { params: { id: user.id } }),
    onError: tellFailed,
  });
  return (
    <Page
      title={t("nav.users")}
      fill
      actions={
        can("users.manage") ? (
          <Button leftSection={<IconUserPlus size={14} />} onClick={() => setEdited("new")}>
            {t("users.add")}
          </Button>
        ) : undefined
      }
    >
      {link.data === undefined ? null : (
        <ShownOnce
          label={t("users.linkShownOnce", { name: link.variables.name, at: format.time(link.data.expiresAt) })}
          value={link.data.url}
        />
      )}
      {users.error ? <ProblemAlert error={users.error} onRetry={() => void users.refetch()} /> : null}
      {users.isLoading ? <Loading rows={4} /> : null}
      {users.data === undefined ? null : (
        <DataTable
          label={t("nav.users")}
          rows={users.data.users}
          rowKey={(user) => user.id}
          columns={[
            { key: "name", header: t("signIn.name"), cell: (user) => user.name },
            { key: "role", header: t("users.role"), width: 130, cell: (user) => t(`role.${user.role}`) },
            {
              key: "scope",
              header: t("users.scope"),
              wide: true,
              cell: (user) =>
                user.scope.everything
                  ? t("users.everything")
                  : t("users.categories", {
                      count: user.scope.functionCategories.length + user.scope.appCategories.length,
                    }),
            },
            {
              key: "enabled",
              header: t("users.state"),
              width: 110,
              cell: (user) => t(user.enabled ? "users.enabled" : "users.disabled"),
            },
            {
              key: "last",
              header: t("users.lastSignIn"),
              width: 190,
              wide: true,
              cell: (user) =>
                user.lastSignInAt === undefined ? t("tokens.never") : format.dateTime(user.lastSignInAt),
            },
            {
              key: "menu",
              header: t("users.actions"),
              hidden: true,
              width: 48,
              cell: (user) => (
                <MoreMenu look="row" label={t("users.actionsOf", { name: user.name })}>
                  <Menu.Item onClick={() => setEdited(user)}>{t("users.edit")}</Menu.Item>
                  <Menu.Item disabled={!user.enabled} onClick={() => link.mutate(user)}>
                    {t("users.link")}
                  </Menu.Item>
                  <Menu.Item onClick={() => change.mutate({ id: user.id, enabled: !user.enabled })}>
                    {t(user.enabled ? "users.disable" : "users.enable")}
                  </Menu.Item>
                  <Menu.Item color="red" onClick={() => setDeleted(user)}>
                    {t("users.delete")}
                  </Menu.Item>
                </MoreMenu>
              ),
            },
          ]}
        />
      )}
      {edited === undefined ? null : (
        <UserDialog user={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} onSaved={renew} />
      )}
      {deleted === undefined ? null : (
        <ConfirmDialog
          title={t("users.delete")}
          text={t("users.deleteHint")}
          action={t("users.deleteNamed", { name: deleted.name })}
          danger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(deleted.id)}
          onClose={() => setDeleted(undefined)}
        />
      )}
    </Page>
  );
}
