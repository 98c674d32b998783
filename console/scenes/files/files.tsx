import { ActionIcon, Button, FileButton, Tooltip } from "@mantine/core";
import { IconFiles, IconTrash, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { LibraryFile } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { Page } from "../../components/layout/page.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";

/** Files that modules send to hosts, kept by their content. */
export function Files() {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const [deleted, setDeleted] = useState<LibraryFile | undefined>(undefined);
  const files = useQuery({ queryKey: ["files"], queryFn: ({ signal }) => client.call("GET /files", { signal }) });
  const renew = () => queries.invalidateQueries({ queryKey: ["files"] });
  const upload = useMutation({
    mutationFn: (file: File) => client.call("POST /files", { query: { name: file.name }, upload: file }),
    onSuccess: (file) => {
      tellDone(t("files.uploaded", { name: file.name }));
      return renew();
    },
  });
  const remove = useMutation({
    mutationFn: (id: number) => client.call("DELETE /files/:id", { params: { id } }),
    onSuccess: () => {
      setDeleted(undefined);
      return renew();
    },
  });
  const rows = files.data?.files ?? [];
  const uploadButton = can("files.write") ? (
    <FileButton onChange={(file) => file !== null && upload.mutate(file)}>
      {(props) => (
        <Button {...props} leftSection={<IconUpload size={14} />} loading={upload.isPending}>
          {t("operate.upload")}
        </Button>
      )}
    </FileButton>
  ) : null;
  return (
    <Page title={t("nav.files")} actions={uploadButton} fill>
      {upload.error ? <ProblemAlert error={upload.error} /> : null}
      {files.error ? <ProblemAlert error={files.error} onRetry={() => void files.refetch()} /> : null}
      {files.isLoading ? <Loading rows={6} /> : null}
      {files.data !== undefined && rows.length === 0 ? (
        <Empty icon={<IconFiles size={28} />} title={t("files.none")}>
          <p>{t("files.noneHint")}</p>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("nav.files")}
          rows={rows}
          rowKey={(file) => file.id}
          columns={[
            { key: "name", header: t("files.name"), cell: (file) => file.name },
            {
              key: "bytes",
              header: t("files.size"),
              width: 110,
              align: "end",
              cell: (file) => format.bytes(file.bytes),
            },
            {
              key: "sha256",
              header: t("files.sha256"),
              wide: true,
              cell: (file) => <code title={file.sha256}>{file.sha256}</code>,
            },
            { key: "by", header: t("files.by"), width: 120, wide: true, cell: (file) => file.uploadedBy },
            {
              key: "at",
              header: t("files.at"),
              width: 180,
              wide: true,
              cell: (file) => format.dateTime(file.uploadedAt),
            },
            {
              key: "delete",
              header: t("files.delete"),
              hidden: true,
              width: 48,
              cell: (file) =>
                can("files.write") ? (
                  <Tooltip label={t("files.delete")}>
                    <ActionIcon
                      aria-label={t("files.deleteNamed", { name: file.name })}
                      onClick={() => setDeleted(file)}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  </Tooltip>
                ) : null,
            },
          ]}
        />
      )}
      {deleted === undefined ? null : (
        <ConfirmDialog
          title={t("files.delete")}
          text={t("files.deleteHint")}
          action={t("files.deleteNamed", { name: deleted.name })}
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
