import { Button, SegmentedControl } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { readReason } from "../../../src/contract/reasons.ts";
import { client } from "../../api/client.ts";
import type { Host, Settings } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { readReasons } from "../../i18n/read-reasons.ts";
import { useFormat } from "../../i18n/use-format.ts";
import type { ChosenHosts } from "./chosen-hosts.ts";
import styles from "./first-run.module.css";

interface ConnectionStepProps {
  readonly hosts: ChosenHosts;
  /** Names of the hosts that answered. */
  readonly onDone: (names: readonly string[]) => void;
}

interface Tried {
  readonly host: Host;
  readonly ok: boolean;
  readonly message: string;
  readonly milliseconds: number;
}

/** Whom to believe, and whether the hosts let us in. Nothing runs there. */
export function ConnectionStep({ hosts, onDone }: ConnectionStepProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const test = useMutation({ mutationFn: () => Promise.all(hosts.tried.map(tryHost)) });
  const policy = useHostKeyPolicy(() => test.reset());
  const answering = (test.data ?? []).filter(({ ok }) => ok).map(({ host }) => host.name);
  const unknownKey = (test.data ?? []).some(({ message }) => isUnknownKey(message));
  return (
    <>
      {hosts.onThisMachine ? null : <HostKeyChoice isAskedFor={unknownKey} policy={policy} />}
      {hosts.total > hosts.tried.length ? (
        <p className={styles.about}>{t("firstRun.triedOf", { count: hosts.tried.length, total: hosts.total })}</p>
      ) : null}
      {test.error ? <ProblemAlert error={test.error} /> : null}
      <ul className={styles.tried} aria-live="polite">
        {(test.data ?? []).map(({ host, ok, message, milliseconds }) => (
          <li key={host.id} data-ok={ok}>
            {ok ? <IconCircleCheck size={16} aria-hidden="true" /> : <IconCircleX size={16} aria-hidden="true" />}
            <code>{host.name}</code>
            <span>
              {ok ? t("firstRun.answers") : <ReasonText text={message} />} · {format.took(milliseconds)}
            </span>
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        <Button
          size="sm"
          variant={answering.length > 0 ? "default" : "filled"}
          leftSection={<IconPlugConnected size={15} />}
          // Hosts are met by the policy that is seen.
          loading={test.isPending || policy.isChanging}
          onClick={() => test.mutate()}
        >
          {t(test.data === undefined ? "firstRun.test" : "firstRun.testAgain", { count: hosts.tried.length })}
        </Button>
        {answering.length === 0 ? null : (
          <Button size="sm" onClick={() => onDone(answering)}>
            {t("firstRun.goOnWith", { count: answering.length })}
          </Button>
        )}
      </div>
    </>
  );
}

function isUnknownKey(message: string): boolean {
  return readReasons(message, readReason).some((part) => typeof part !== "string" && part.code === "host_key_unknown");
}

async function tryHost(host: Host): Promise<Tried> {
  return { host, ...(await client.call("POST /hosts/:id/test", { params: { id: host.id } })) };
}

type Policy = Settings["hostKeyPolicy"];

interface HostKeyPolicy {
  /** Undefined until it is known. */
  readonly current: Policy | undefined;
  readonly isChanging: boolean;
  readonly error: unknown;
  change(policy: Policy): void;
}

/** It is a setting of the whole installation, and audited. */
function useHostKeyPolicy(onChanged: () => void): HostKeyPolicy {
  const queries = useQueryClient();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => client.call("GET /settings", { signal }),
  });
  const change = useMutation({
    mutationFn: (hostKeyPolicy: Policy) => client.call("PATCH /settings", { body: { hostKeyPolicy } }),
    onSuccess: (next) => {
      queries.setQueryData(["settings"], next);
      onChanged();
    },
  });
  const { mutate, isPending, error } = change;
  return { current: settings.data?.hostKeyPolicy, isChanging: isPending, error, change: mutate };
}

interface HostKeyChoiceProps {
  /** A host was refused because its key is not known. */
  readonly isAskedFor: boolean;
  readonly policy: HostKeyPolicy;
}

/** What to do with hosts whose key nobody knows yet. */
function HostKeyChoice({ isAskedFor, policy }: HostKeyChoiceProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const { can } = useSession();
  if (policy.current === undefined) return null;
  return (
    <div className={styles.keys} data-asked={isAskedFor || undefined}>
      <h3>{t("settings.hostKeys")}</h3>
      <p className={styles.about}>{t("firstRun.hostKeys")}</p>
      <SegmentedControl
        className={styles.ways}
        fullWidth={phone}
        size={phone ? "md" : "sm"}
        orientation={phone ? "vertical" : "horizontal"}
        aria-label={t("settings.hostKeys")}
        disabled={!can("settings.manage") || policy.isChanging}
        value={policy.current}
        onChange={(value) => policy.change(value === "strict" ? "strict" : "accept_new")}
        data={[
          { value: "strict", label: t("firstRun.strict") },
          { value: "accept_new", label: t("firstRun.acceptNew") },
        ]}
      />
      {policy.error ? <ProblemAlert error={policy.error} /> : null}
    </div>
  );
}
