import { CloseButton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { createStore, useStore } from "../../app/store.ts";
import { ReasonText } from "../state/reason-text.tsx";
import styles from "./feedback.module.css";

interface Toast {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
}

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

/** Says in passing that something was done. It goes by itself after six seconds. */
export function tellDone(text: string): void {
  const id = show("done", text);
  setTimeout(() => dismiss(id), 6_000);
}

/** Says that something failed where no form can show it. It stays until it is closed. */
export function tellFailed(error: unknown): void {
  show("failed", error instanceof Error ? error.message : String(error));
}

export function Toasts() {
  const { t } = useTranslation();
  const shown = useStore(toasts);
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={styles.toast} data-kind={toast.kind}>
          {toast.kind === "done" ? <IconCircleCheck size={16} /> : <IconAlertTriangle size={16} />}
          <span>{toast.kind === "done" ? toast.text : <ReasonText text={toast.text} />}</span>
          <CloseButton size="xs" aria-label={t("feedback.dismiss")} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}

function show(kind: Toast["kind"], text: string): number {
  lastId++;
  toasts.set([...toasts.get().slice(-4), { id: lastId, kind, text }]);
  return lastId;
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}
