import { Button, Checkbox, FileButton, Modal, SegmentedControl, Textarea } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { ImportReport } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import filters from "../../components/layout/filters.module.css";
import form from "../../components/layout/form.module.css";
import { usePhone } from "../../components/layout/use-phone.ts";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { appTerm } from "../operate/query-text.ts";
import { type EngineSource, EngineSourceFields } from "./engine-source.tsx";
import { ImportReportView } from "./import-report.tsx";

interface ImportDialogProps {
  readonly onClose: () => void;
  readonly onApplied: () => void;
}

const formats = ["csv", "ssh_config", "engine"] as const;

/** Hosts from a file or pasted text; what would happen is shown line by line before anything does. */
export function ImportDialog({ onClose, onApplied }: ImportDialogProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const area = useRef<HTMLTextAreaElement>(null);
  const [format, setFormat] = useState<(typeof formats)[number]>("csv");
  const [text, setText] = useState("");
  const [category, setCategory] = useState("");
  const [skipRefused, setSkipRefused] = useState(false);
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const [source, setSource] = useState<EngineSource>({ engine: undefined, controller: "", groups: "tags" });
  const ask = (preview: boolean): Promise<ImportReport & { readonly withoutFacts?: number }> => {
    const common = { preview, skipRefused, category };
    if (format !== "engine") return client.call("POST /hosts/import", { body: { format, text, ...common } });
    const { engine = "salt", controller, groups } = source;
    return client.call("POST /engines/:engine/hosts/import", {
      params: { engine },
      body: { controller, groups, ...common },
    });
  };
  const preview = useMutation({ mutationFn: () => ask(true) });
  const apply = useMutation({
    mutationFn: () => ask(false),
    onSuccess: (report) => {
      if (!report.applied) return;
      tellDone(t("inventory.imported", { count: report.added.length + report.changed.length }));
      onApplied();
      onClose();
    },
  });
  const wantsFunction = format === "engine" && source.groups === "categories";
  const categoryLabel = t(wantsFunction ? "engine.functionCategory" : "inventory.defaultCategory");
  const isReady = format === "engine" ? source.engine !== undefined && source.controller !== "" : text.trim() !== "";
  const report = apply.data ?? preview.data;
  const change = (act: () => void) => {
    act();
    preview.reset();
    apply.reset();
  };
  const count = (report?.added.length ?? 0) + (report?.changed.length ?? 0);
  const refused = report?.refused.length ?? 0;
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      fullScreen={phone}
      title={t("inventory.import")}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (report === undefined) preview.mutate();
          else apply.mutate();
        }}
      >
        <SegmentedControl
          fullWidth
          aria-label={t("inventory.format")}
          orientation={phone ? "vertical" : "horizontal"}
          value={format}
          onChange={(value) => change(() => setFormat(formats.find((known) => known === value) ?? format))}
          data={formats.map((value) => ({
            value,
            label: value === "engine" ? t("engine.source") : t(`inventory.${value}`),
          }))}
        />
        {format === "engine" ? (
          <EngineSourceFields value={source} onChange={(value) => change(() => setSource(value))} />
        ) : (
          <Textarea
            ref={area}
            label={t("inventory.importText")}
            description={t(`inventory.${format}Hint`)}
            classNames={{ input: form.mono }}
            rows={8}
            spellCheck={false}
            value={text}
            onChange={(event) => {
              const next = event.currentTarget.value;
              change(() => setText(next));
            }}
          />
        )}
        <div className={filters.filters}>
          {format === "engine" ? null : (
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
          )}
          <SearchSelect
            miw={260}
            aria-label={categoryLabel}
            placeholder={categoryLabel}
            clearable
            data={categories.data?.functionCategories.flatMap((one) =>
              wantsFunction
                ? [{ value: one.name, label: one.name }]
                : one.appCategories.map((app) => ({
                    value: appTerm(one.name, app.name),
                    label: `${one.name}/${app.name}`,
                  })),
            )}
            value={category === "" ? null : category}
            onChange={(value) => change(() => setCategory(value ?? ""))}
          />
        </div>
        {preview.error ? <ProblemAlert error={preview.error} /> : null}
        {apply.error ? <ProblemAlert error={apply.error} /> : null}
        {report === undefined ? null : (
          <ImportReportView
            key={preview.submittedAt}
            report={report}
            onPlace={
              format === "engine"
                ? undefined
                : (line, column) => {
                    if (area.current !== null) showPlace(area.current, line, column);
                  }
            }
          />
        )}
        {report?.withoutFacts ? <p>{t("engine.withoutFacts", { count: report.withoutFacts })}</p> : null}
        {refused > 0 ? (
          <Checkbox
            label={t("inventory.skipRefused", { count: refused })}
            checked={skipRefused}
            onChange={(event) => setSkipRefused(event.currentTarget.checked)}
          />
        ) : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          {report === undefined ? (
            <Button type="submit" loading={preview.isPending} disabled={!isReady}>
              {t("inventory.previewImport")}
            </Button>
          ) : (
            <Button type="submit" loading={apply.isPending} disabled={count === 0 || (refused > 0 && !skipRefused)}>
              {t("inventory.applyImport", { count })}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** Selects a line of the text from this column on, and scrolls to it. */
function showPlace(area: HTMLTextAreaElement, line: number, column: number): void {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const length = lines[line - 1]?.length ?? 0;
  area.focus();
  area.setSelectionRange(start + Math.min(length, column - 1), start + length);
  area.scrollTop = (area.scrollHeight / Math.max(1, lines.length)) * Math.max(0, line - 3);
}
