import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { FunctionCategory } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import form from "../../components/layout/form.module.css";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { appTerm } from "../operate/query-text.ts";
import type { MoveTask } from "./category-dialog.tsx";
import { renewHosts } from "./hosts-cache.ts";
import styles from "./move-category.module.css";

interface MoveCategoryProps {
  readonly task: MoveTask;
  readonly tree: readonly FunctionCategory[];
  readonly onClose: () => void;
  /** The queries that mean its hosts, before and now. */
  readonly onMoved: (from: string, to: string) => void;
}

/** Takes an application category to another function category, after telling what goes along and what that changes. */
export function MoveCategory({ task, tree, onClose, onMoved }: MoveCategoryProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { category: from, app } = task;
  const [intoId, setIntoId] = useState(task.into?.id);
  const into = tree.find(({ id }) => id === intoId);
  const count = app.hostCount;
  const move = useMutation({
    mutationFn: (functionCategoryId: number) =>
      client.call("PATCH /app-categories/:id", { params: { id: app.id }, body: { functionCategoryId } }),
    onSuccess: async (_, functionCategoryId) => {
      const target = tree.find(({ id }) => id === functionCategoryId);
      tellDone(t("categoryMove.done", { path: `${target?.name ?? ""}/${app.name}` }));
      onMoved(appTerm(from.name, app.name), appTerm(target?.name ?? "", app.name));
      onClose();
      await renewHosts(queries);
    },
  });
  const zoneChanges = into !== undefined && app.zone === "" && into.zone !== from.zone;
  const zoneName = (zone: string) => (zone === "" ? t("categoryMove.noZone") : zone);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("categoryMove.title", { name: app.name })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (intoId !== undefined) move.mutate(intoId);
        }}
      >
        <SearchSelect
          label={t("inventory.functionCategory")}
          placeholder={t("inventory.chooseCategory")}
          data-autofocus={task.into === undefined || undefined}
          required
          data={tree.filter(({ id }) => id !== from.id).map(({ id, name }) => ({ value: String(id), label: name }))}
          value={intoId === undefined ? null : String(intoId)}
          onChange={(value) => {
            setIntoId(value === null ? undefined : Number(value));
            move.reset();
          }}
        />
        {into === undefined ? null : (
          <div className={styles.effects} role="status">
            <p className={styles.paths}>
              <span>
                {from.name}/{app.name}
              </span>
              <span aria-hidden="true">→</span>
              <strong>
                {into.name}/{app.name}
              </strong>
            </p>
            <p>{t("categoryMove.hosts", { count })}</p>
            {count === 0 ? null : <p>{t("categoryMove.sight", { from: from.name, into: into.name })}</p>}
            {zoneChanges && count > 0 ? (
              <p>{t("categoryMove.zone", { from: zoneName(from.zone), into: zoneName(into.zone) })}</p>
            ) : null}
          </div>
        )}
        {move.error ? <ProblemAlert error={move.error} /> : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button
            type="submit"
            data-autofocus={task.into !== undefined || undefined}
            loading={move.isPending}
            disabled={into === undefined}
          >
            {t(count === 0 ? "categoryMove.apply" : "categoryMove.applyHosts", { name: app.name, count })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
