import { Button, CloseButton, Modal, TextInput } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import form from "../../components/layout/form.module.css";
import styles from "./history.module.css";
import { type RunsSearch, runsSearchIn } from "./runs-search.ts";

interface SavedViewsProps {
  readonly search: RunsSearch;
}

const viewsKey = ["views", "runs"];

/** Filters that somebody keeps for themselves: each a link, the ones in force marked. */
export function SavedViews({ search }: SavedViewsProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [saving, setSaving] = useState(false);
  const views = useQuery({
    queryKey: viewsKey,
    queryFn: ({ signal }) => client.call("GET /views", { query: { scene: "runs" }, signal }),
  });
  const forget = useMutation({
    mutationFn: (id: number) => client.call("DELETE /views/:id", { params: { id } }),
    onError: tellFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: viewsKey }),
  });
  const known = views.data?.views ?? [];
  const current = keyOf(search);
  const isNew = current !== keyOf({}) && !known.some((view) => keyOf(runsSearchIn(view.search)) === current);
  if (known.length === 0 && !isNew) return null;
  return (
    <div className={styles.views}>
      <ul className={styles.viewList} aria-label={t("views.label")}>
        {known.map((view) => (
          <li key={view.id} className={styles.view}>
            <Link
              to="/runs"
              search={runsSearchIn(view.search)}
              aria-current={keyOf(runsSearchIn(view.search)) === current ? "true" : undefined}
            >
              {view.name}
            </Link>
            <CloseButton
              size="xs"
              aria-label={t("views.forget", { name: view.name })}
              onClick={() => forget.mutate(view.id)}
            />
          </li>
        ))}
      </ul>
      {isNew ? (
        <Button variant="subtle" leftSection={<IconBookmark size={14} />} onClick={() => setSaving(true)}>
          {t("views.save")}
        </Button>
      ) : null}
      {saving ? <SaveView search={search} onClose={() => setSaving(false)} /> : null}
    </div>
  );
}

interface SaveViewProps {
  readonly search: RunsSearch;
  readonly onClose: () => void;
}

function SaveView({ search, onClose }: SaveViewProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () =>
      client.call("PUT /views", { body: { scene: "runs", name: name.trim(), search: { ...definedOnly(search) } } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: viewsKey });
      tellDone(t("views.saved"));
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("views.saveTitle")}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate();
        }}
      >
        <TextInput
          data-autofocus
          label={t("views.name")}
          description={t("views.saveHint")}
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.error ? <ProblemAlert error={save.error} /> : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
            {t("views.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function definedOnly(search: RunsSearch): Record<string, string | number> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** The same filters have the same key, in whatever order they were set. */
function keyOf(search: RunsSearch): string {
  return JSON.stringify(Object.entries(definedOnly(search)).sort());
}
