import { Button, FileButton, Input } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import type { Fault, Field } from "../../components/parameter-form/form-model.ts";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./operate.module.css";

interface FileFieldProps {
  readonly field: Field;
  readonly value: string | undefined;
  readonly onChange: (sha256: string | undefined) => void;
  readonly fault: Fault | undefined;
}

/** Chooses a file of the library by its content hash, or puts a new one there. */
export function FileField({ field, value, onChange, fault }: FileFieldProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const files = useQuery({
    queryKey: ["files"],
    queryFn: ({ signal }) => client.call("GET /files", { signal }),
    staleTime: 15_000,
  });
  const upload = useMutation({
    mutationFn: (file: File) => client.call("POST /files", { query: { name: file.name }, upload: file }),
    onError: tellFailed,
    onSuccess: (file) => {
      void queries.invalidateQueries({ queryKey: ["files"] });
      onChange(file.sha256);
    },
  });
  const known = new Map(files.data?.files.map((file) => [file.sha256, file]));
  return (
    <Input.Wrapper
      label={field.title}
      description={field.description || undefined}
      required={field.required}
      error={fault === undefined ? undefined : t(`form.fault.${fault.kind}`, { limit: 0 })}
      labelElement="div"
    >
      <div className={styles.fileField}>
        <SearchSelect
          aria-label={field.title}
          error={fault !== undefined}
          placeholder={t("operate.filePlaceholder")}
          nothingFoundMessage={t("operate.noFiles")}
          clearable={!field.required}
          data={
            files.data === undefined
              ? undefined
              : [...known.values()].map((file) => ({
                  value: file.sha256,
                  label: `${file.name} · ${format.bytes(file.bytes)} · ${file.sha256.slice(0, 8)}`,
                }))
          }
          failure={files.error}
          onRetry={() => void files.refetch()}
          value={value ?? null}
          onChange={(sha256) => onChange(sha256 ?? undefined)}
        />
        {can("files.write") ? (
          <FileButton onChange={(file) => file !== null && upload.mutate(file)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={14} />} loading={upload.isPending}>
                {t("operate.upload")}
              </Button>
            )}
          </FileButton>
        ) : null}
      </div>
    </Input.Wrapper>
  );
}
