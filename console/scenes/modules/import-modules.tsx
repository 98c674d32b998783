import { Button, FileButton, Modal } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import form from "../../components/layout/form.module.css";
import { usePhone } from "../../components/layout/use-phone.ts";
import { ImportedModule } from "./imported-module.tsx";
import type { LookedFile } from "./looked-file.ts";

interface ImportModulesProps {
  readonly onClose: () => void;
}

const mostBytes = 1_048_576;

/** Module files, looked at before anything is written: what each adds or changes, or why it is refused, with the place. */
export function ImportModules({ onClose }: ImportModulesProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const queries = useQueryClient();
  const look = useMutation({ mutationFn: lookedFiles });
  const files = look.data ?? [];
  const taken = files.filter(({ report }) => report.action === "add" || report.action === "change");
  const apply = useMutation({
    mutationFn: async () => {
      for (const { source, report } of taken) {
        const expected = report.current === undefined ? {} : { expectedVersion: report.current.version };
        await client.call("POST /modules/import", { body: { source, preview: false, ...expected } });
      }
    },
    onSettled: () =>
      Promise.all(
        [["modules"], ["module"], ["module-versions"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
    onSuccess: () => {
      tellDone(t("moduleImport.done", { count: taken.length }));
      onClose();
    },
    // Some may be written: what is left is looked at anew.
    onError: () => look.mutate(files.map(({ name, source }) => new File([source], name))),
  });
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      fullScreen={phone}
      title={t("moduleImport.title")}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (taken.length > 0) apply.mutate();
        }}
      >
        <p>{t("moduleImport.hint")}</p>
        <div>
          <FileButton
            multiple
            accept=".yaml,.yml,.json"
            onChange={(picked) => {
              setChosen(undefined);
              if (picked.length > 0) look.mutate(picked);
            }}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={14} />} loading={look.isPending}>
                {t("moduleImport.choose")}
              </Button>
            )}
          </FileButton>
        </div>
        {look.error ? <ProblemAlert error={look.error} /> : null}
        {files.map((file) => (
          <ImportedModule
            key={file.name}
            file={file}
            isOpen={files.length === 1 || chosen === file.name}
            onOpen={(open) => setChosen(open ? file.name : undefined)}
          />
        ))}
        {apply.error ? <ProblemAlert error={apply.error} /> : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={apply.isPending} disabled={taken.length === 0 || look.isPending}>
            {t("moduleImport.apply", { count: taken.length })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

async function lookedFiles(files: readonly File[]): Promise<readonly LookedFile[]> {
  const looked: LookedFile[] = [];
  for (const file of files) {
    // What is longer is no module; the server says so with the same words for the beginning.
    const source = await file.slice(0, mostBytes).text();
    const report = await client.call("POST /modules/import", { body: { source, preview: true } });
    looked.push({ name: file.name, source, report });
  }
  return looked;
}
