import { Button, Modal, NumberInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./confirm-dialog.module.css";
import { ProblemAlert } from "./problem-alert.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  /** Names what will be done and to what: “Delete 3 hosts”. */
  readonly action: string;
  /** What the other button says; “Back” where left out. */
  readonly back?: string;
  readonly danger?: boolean;
  /** This number must be typed first. */
  readonly typedCount?: number | undefined;
  /** Why it must be typed. */
  readonly typedBecause?: "manyHosts" | "destructive";
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** More to know, below the text. */
  readonly children?: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, text, action, back, danger = false, typedCount, isPending, error, onConfirm, onClose } = props;
  const { typedBecause = "manyHosts" } = props;
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | number>("");
  const confirmed = typedCount === undefined || (typed !== "" && Number(typed) === typedCount);
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("confirm.close") }}>
      <form
        className={styles.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          if (confirmed) onConfirm();
        }}
      >
        <p>{text}</p>
        {props.children}
        {typedCount === undefined ? null : (
          <NumberInput
            data-autofocus
            label={t(`confirm.${typedBecause}`, { count: typedCount })}
            value={typed}
            onChange={setTyped}
            allowDecimal={false}
            hideControls
          />
        )}
        {error ? <ProblemAlert error={error} /> : null}
        <div className={styles.foot}>
          <Button variant="default" onClick={onClose}>
            {back ?? t("confirm.back")}
          </Button>
          <Button
            type="submit"
            color={danger ? "red" : "accent"}
            data-autofocus={typedCount === undefined ? true : undefined}
            loading={isPending}
            disabled={!confirmed}
          >
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
