import { useMemo } from "react";
import { foldHosts } from "../../../src/contract/host-range.ts";
import type { Execution } from "../../api/types.ts";
import styles from "./run.module.css";

const shownHosts = 2_000;

interface HostsOfProps {
  readonly title: string;
  readonly names: readonly string[];
}

/** Hosts by their folded names, under what is said of them. */
export function HostsOf({ title, names }: HostsOfProps) {
  const folded = useMemo(() => foldHosts(names), [names]);
  return (
    <dl className={styles.hostsOf}>
      <dt>{title}</dt>
      <dd>
        <code>{folded.length > shownHosts ? `${folded.slice(0, shownHosts)}…` : folded}</code>
      </dd>
    </dl>
  );
}

/** Names of the hosts in these states. */
export function namesIn(
  executions: readonly (Execution | undefined)[],
  states: readonly Execution["state"][],
): string[] {
  return executions.flatMap((one) => (one !== undefined && states.includes(one.state) ? [one.hostName] : []));
}
