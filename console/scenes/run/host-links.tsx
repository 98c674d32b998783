import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./run.module.css";

interface HostLinksProps {
  readonly names: readonly string[];
  /** Of each of them in its run. */
  readonly positions: readonly number[];
  readonly onHost: (position: number) => void;
}

/** Hosts that are offered one by one. */
const offered = 24;

/** The way to each of several hosts of a run. */
export function HostLinks({ names, positions, onHost }: HostLinksProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.hostChoice}>
      {positions.slice(0, offered).map((position, place) => (
        <UnstyledButton key={position} className={styles.hostLink} onClick={() => onHost(position)}>
          {names[place]}
        </UnstyledButton>
      ))}
      {positions.length > offered ? (
        <span className={styles.quiet}>{t("run.moreHosts", { count: positions.length - offered })}</span>
      ) : null}
    </div>
  );
}
