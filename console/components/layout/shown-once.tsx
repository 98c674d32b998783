import { Button } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { copyText } from "../feedback/copy-text.ts";
import styles from "./shown-once.module.css";

interface ShownOnceProps {
  readonly label: string;
  readonly value: string;
}

/** A secret that will not be seen again, to copy now. */
export function ShownOnce({ label, value }: ShownOnceProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.box} role="status">
      <p>{label}</p>
      <code className={styles.value}>{value}</code>
      <Button
        variant="default"
        leftSection={<IconCopy size={14} />}
        onClick={() => void copyText(value, t("output.copied"))}
      >
        {t("output.copy")}
      </Button>
    </div>
  );
}
