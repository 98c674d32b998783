import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EngineId } from "../../../src/contract/engine.ts";
import { client } from "../../api/client.ts";
import type { HostKey, HostKeyAction } from "../../api/types.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import styles from "./host-keys.module.css";
import { fittingKeys, keyActions } from "./key-actions.ts";

interface HostKeysProps {
  readonly controller: string;
  readonly engine: EngineId;
}

interface Asked {
  readonly host: string;
  readonly action: HostKeyAction;
}

const manyKeys = 8;

/** Keys of hosts that ask to join an engine's own system (Salt's minions): those that wait first, each to be decided. */
export function HostKeys({ controller, engine }: HostKeysProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const [text, setText] = useState("");
  const params = { name: controller, engine };
  const queryKey = ["host-keys", controller, engine];
  const listed = useQuery({
    queryKey,
    queryFn: ({ signal }) => client.call("GET /controllers/:name/engines/:engine/keys", { params, signal }),
    refetchInterval: 30_000,
    retry: false,
  });
  const change = useMutation({
    mutationFn: (body: Asked) => client.call("POST /controllers/:name/engines/:engine/keys", { params, body }),
    onSuccess: () => {
      setAsked(undefined);
      return queries.invalidateQueries({ queryKey });
    },
  });
  const keys = listed.data?.keys ?? [];
  const rows = fittingKeys(keys, text);
  const waiting = keys.filter(({ state }) => state === "pending").length;
  const ask = (next: Asked) => {
    change.reset();
    setAsked(next);
  };
  return (
    <Panel
      title={t("hostKeys.title", { engine })}
      actions={
        <Button variant="default" loading={listed.isFetching} onClick={() => void listed.refetch()}>
          {t("controllers.probe")}
        </Button>
      }
    >
      {listed.error ? <ProblemAlert error={listed.error} /> : null}
      {listed.isLoading ? <Loading rows={3} /> : null}
      {listed.data === undefined ? null : (
        <p className={styles.about} role="status">
          {waiting === 0 ? t("hostKeys.noneWaits") : t("hostKeys.waiting", { count: waiting })}
        </p>
      )}
      {keys.length < manyKeys ? null : (
        <TextInput
          className={styles.find}
          aria-label={t("hostKeys.find")}
          placeholder={t("hostKeys.find")}
          leftSection={<IconSearch size={14} />}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {rows.length === 0 ? null : (
        <div className={styles.list}>
          <DataTable
            label={t("hostKeys.title", { engine })}
            rows={rows}
            rowKey={({ name, state }) => `${state} ${name}`}
            columns={[
              { key: "name", header: t("hostKeys.host"), cell: ({ name }) => <code>{name}</code> },
              {
                key: "state",
                header: t("hostKeys.state"),
                width: 110,
                cell: ({ state }) => (
                  <span className={styles.state} data-state={state}>
                    {t(`hostKeys.states.${state}`)}
                  </span>
                ),
              },
              {
                key: "actions",
                header: t("hostKeys.actions"),
                hidden: true,
                width: 200,
                align: "end",
                cell: (key) => <KeyActions hostKey={key} onAsk={(action) => ask({ host: key.name, action })} />,
              },
            ]}
          />
        </div>
      )}
      {asked === undefined ? null : (
        <ConfirmDialog
          title={t(`hostKeys.ask.${asked.action}`, { host: asked.host })}
          text={t(`hostKeys.means.${asked.action}`, { host: asked.host })}
          action={t(`hostKeys.ask.${asked.action}`, { host: asked.host })}
          danger={asked.action === "delete"}
          isPending={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Panel>
  );
}

interface KeyActionsProps {
  readonly hostKey: HostKey;
  readonly onAsk: (action: HostKeyAction) => void;
}

function KeyActions({ hostKey: { name, state }, onAsk }: KeyActionsProps) {
  const { t } = useTranslation();
  return keyActions[state].map((action) => (
    <Button
      key={action}
      size="compact-sm"
      variant="subtle"
      color={action === "delete" ? "red" : undefined}
      aria-label={t(`hostKeys.ask.${action}`, { host: name })}
      onClick={() => onAsk(action)}
    >
      {t(`hostKeys.${action}`)}
    </Button>
  ));
}
