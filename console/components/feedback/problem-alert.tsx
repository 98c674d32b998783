import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { ReasonText } from "../state/reason-text.tsx";
import styles from "./feedback.module.css";

interface ProblemAlertProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, as the server said it: title, what to do, and each fault with its place. */
export function ProblemAlert({ error, onRetry }: ProblemAlertProps) {
  const { t } = useTranslation();
  const offline = error instanceof OmError && error.code === "request.unanswered";
  return (
    <Alert
      role="alert"
      color={offline ? "gray" : "red"}
      variant="light"
      className={styles.alert}
      icon={offline ? <IconPlugConnectedX size={16} /> : <IconAlertTriangle size={16} />}
      title={error instanceof OmError ? t(`errors.${error.code}`) : t("feedback.unexpected")}
    >
      <p>
        <ReasonText
          text={error instanceof Error ? error.message : String(error)}
          reason={error instanceof OmError ? error.reason : undefined}
        />
      </p>
      {error instanceof OmError && error.problems.length > 0 ? (
        <ul className={styles.problems}>
          {error.problems.map((problem) => (
            <li key={`${problem.place} ${problem.message}`}>
              <code>
                <ReasonText text={problem.place} />
              </code>{" "}
              <ReasonText text={problem.message} reason={problem.reason} />
            </li>
          ))}
        </ul>
      ) : null}
      {onRetry === undefined ? null : (
        <Button variant="default" onClick={onRetry} mt="sm">
          {t("feedback.retry")}
        </Button>
      )}
    </Alert>
  );
}
