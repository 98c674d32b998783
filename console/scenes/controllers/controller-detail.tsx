import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleMinus, IconCircleX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { enginesReasons } from "../../../src/contract/reasons/engines.ts";
import { client } from "../../api/client.ts";
import type { Controller } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./controllers.module.css";
import { clockMilliseconds } from "./health.ts";
import { loadText } from "./load-text.ts";

interface ControllerDetailProps {
  readonly controller: Controller;
  readonly all: readonly Controller[];
}

/** One controller in full: what it carries, how it stands, its engines and what they lack. */
export function ControllerDetail({ controller, all }: ControllerDetailProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const format = useFormat();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [revoking, setRevoking] = useState(false);
  const { name } = controller;
  const drained = controller.state === "draining";
  const renew = () => queries.invalidateQueries({ queryKey: ["controllers"] });
  const drain = useMutation({
    mutationFn: () =>
      drained
        ? client.call("POST /controllers/:name/undrain", { params: { name } })
        : client.call("POST /controllers/:name/drain", { params: { name } }),
    onSuccess: () => {
      setAsking(false);
      return renew();
    },
  });
  const probe = useMutation({
    mutationFn: () => client.call("POST /controllers/:name/probe", { params: { name } }),
    onSuccess: renew,
  });
  const revoke = useMutation({
    mutationFn: () => client.call("POST /controllers/:name/revocation", { params: { name } }),
    onSuccess: () => {
      setRevoking(false);
      return renew();
    },
  });
  const may = can("controllers.manage") && controller.state !== "revoked";
  return (
    <Panel
      title={name}
      actions={
        may ? (
          <>
            <Button
              variant="default"
              disabled={!controller.connected}
              loading={probe.isPending}
              onClick={() => probe.mutate()}
            >
              {t("controllers.probe")}
            </Button>
            <Button variant="default" onClick={() => (drained ? drain.mutate() : setAsking(true))}>
              {t(drained ? "controllers.undrain" : "controllers.drain", { name })}
            </Button>
            {controller.certificate === undefined ? null : (
              <Button variant="default" onClick={() => setRevoking(true)}>
                {t("controllers.revoke", { name })}
              </Button>
            )}
          </>
        ) : null
      }
    >
      {probe.error ? <ProblemAlert error={probe.error} /> : null}
      {drain.error && !asking ? <ProblemAlert error={drain.error} /> : null}
      <Facts controller={controller} />
      <ul className={styles.engines}>
        {controller.engines.map((engine) => (
          <li key={engine.id} className={styles.engine}>
            <EngineMark engine={engine} />
            <span className={styles.version}>{engine.version}</span>
            {engine.warning === "" ? null : (
              <p className={styles.warning}>
                <ReasonText text={engine.warning} />
              </p>
            )}
            {engine.usable ? null : (
              <p>
                <ReasonText text={isOff(engine) ? engine.mend : `${engine.reason} ${engine.mend}`.trim()} />
              </p>
            )}
          </li>
        ))}
      </ul>
      {revoking ? (
        <ConfirmDialog
          title={t("controllers.revoke", { name })}
          text={t("controllers.revokeText")}
          action={t("controllers.revoke", { name })}
          danger
          isPending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate()}
          onClose={() => setRevoking(false)}
        />
      ) : null}
      {asking ? (
        <ConfirmDialog
          title={t("controllers.drain", { name })}
          text={t("controllers.drainText", {
            name,
            load: loadText(controller, t, format),
            rest: restText(t, controller, all),
          })}
          action={t("controllers.drain", { name })}
          isPending={drain.isPending}
          error={drain.error}
          onConfirm={() => drain.mutate()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Panel>
  );
}

interface EngineMarkProps {
  readonly engine: Controller["engines"][number];
}

/** Nobody has switched it on, which is no fault. */
function isOff({ reason }: EngineMarkProps["engine"]): boolean {
  return reason === enginesReasons.engine_not_on;
}

function EngineMark({ engine }: EngineMarkProps) {
  const { t } = useTranslation();
  const { id, usable } = engine;
  const standing = usable ? "usable" : isOff(engine) ? "off" : "unusable";
  const Icon = { usable: IconCircleCheck, off: IconCircleMinus, unusable: IconCircleX }[standing];
  return (
    <span className={styles.usable} data-standing={standing}>
      <Icon size={15} aria-hidden />
      <strong>{id}</strong>
      {t(`controllers.${standing}`)}
    </span>
  );
}

function restText(t: TFunction, { name, zone }: Controller, all: readonly Controller[]): string {
  const others = all.filter(
    (each) => each.zone === zone && each.name !== name && each.connected && each.state === "enabled",
  );
  if (others.length === 0) return t("controllers.drainAlone", { zone });
  return t("controllers.drainOthers", { zone, others: others.map((each) => each.name).join(", ") });
}

function Facts({ controller }: { readonly controller: Controller }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { spool, certificate, diskFreeBytes, clockSkewMilliseconds: skew } = controller;
  const clock =
    skew === undefined
      ? ""
      : Math.abs(skew) < clockMilliseconds / 10
        ? t("controllers.clockSame")
        : t(skew > 0 ? "controllers.clockAhead" : "controllers.clockBehind", { time: format.duration(Math.abs(skew)) });
  const facts = [
    [t("zones.zone"), controller.zone],
    [t("controllers.load"), loadText(controller, t, format)],
    [
      t("controllers.spool"),
      spool.events === 0
        ? t("controllers.spoolEmpty")
        : t("controllers.spoolText", { events: format.number(spool.events), bytes: format.bytes(spool.bytes) }),
    ],
    [t("controllers.disk"), diskFreeBytes === undefined ? "" : format.bytes(diskFreeBytes)],
    [t("controllers.clock"), clock],
    [
      t("controllers.certificate"),
      certificate === undefined
        ? t("controllers.noCertificate")
        : t("controllers.certificateText", {
            until: format.dateTime(certificate.expiresAt),
            age: format.duration(Math.max(0, Date.now() - certificate.issuedAt)),
          }),
    ],
    [t("controllers.firstSeen"), dateOf(controller.firstSeenAt)],
    [t("controllers.lastSeen"), dateOf(controller.lastSeenAt)],
    [t("controllers.version"), controller.version],
  ] as const;
  function dateOf(at: number | undefined): string {
    return at === undefined ? "" : format.dateTime(at);
  }
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
