import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { Panel } from "../../components/layout/panel.tsx";

/** Takes the demo fleet of the set-up away; nothing where there is none. */
export function DemoFleetPanel() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const fleet = useQuery({
    queryKey: ["demo-fleet"],
    queryFn: ({ signal }) => client.call("GET /demo-fleet", { signal }),
  });
  const remove = useMutation({
    mutationFn: () => client.call("DELETE /demo-fleet", {}),
    onSuccess: () => {
      setAsked(false);
      tellDone(t("settings.demoFleetGone"));
      void queries.invalidateQueries();
    },
  });
  const count = fleet.data?.listening ?? 0;
  if (count === 0) return null;
  return (
    <Panel title={t("settings.demoFleet")} narrow>
      <p>{t("settings.demoFleetHint", { count })}</p>
      <Button variant="default" onClick={() => setAsked(true)}>
        {t("settings.removeDemoFleet")}
      </Button>
      {asked ? (
        <ConfirmDialog
          title={t("settings.removeDemoFleet")}
          text={t("settings.removeDemoFleetText")}
          action={t("settings.removeDemoFleetAction", { count })}
          danger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </Panel>
  );
}
