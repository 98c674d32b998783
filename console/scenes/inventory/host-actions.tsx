import { Button, Menu } from "@mantine/core";
import { IconKeyOff, IconPencil, IconPlayerPlay, IconTerminal2, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import { MoreMenu } from "../../components/layout/more-menu.tsx";
import { changeOperate } from "../operate/operate-state.ts";
import { quoteName } from "../operate/query-text.ts";

interface HostActionsProps {
  readonly host: Host;
  readonly onAsk: (what: "edit" | "delete" | "report") => void;
}

/** What can be done with one host; what is seldom done stands in a menu. */
export function HostActions({ host, onAsk }: HostActionsProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const navigate = useNavigate();
  const forget = useMutation({
    mutationFn: () => client.call("DELETE /hosts/:id/key", { params: { id: host.id } }),
    onSuccess: () => tellDone(t("host.keyForgotten")),
    onError: tellFailed,
  });
  const mayWrite = can("inventory.write");
  return (
    <>
      {can("runs.start") ? (
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          onClick={() => {
            changeOperate({ query: quoteName(host.name) });
            void navigate({ to: "/" });
          }}
        >
          {t("host.operate")}
        </Button>
      ) : null}
      {mayWrite ? (
        <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => onAsk("edit")}>
          {t("inventory.edit")}
        </Button>
      ) : null}
      {mayWrite || can("settings.manage") ? (
        <MoreMenu look="head" label={t("hostPage.more")}>
          {mayWrite ? (
            <Menu.Item leftSection={<IconTerminal2 size={14} />} onClick={() => onAsk("report")}>
              {t("shell.report")}
            </Menu.Item>
          ) : null}
          {can("settings.manage") ? (
            <Menu.Item leftSection={<IconKeyOff size={14} />} onClick={() => forget.mutate()}>
              {t("host.forgetKey")}
            </Menu.Item>
          ) : null}
          {mayWrite ? (
            <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => onAsk("delete")}>
              {t("inventory.delete")}
            </Menu.Item>
          ) : null}
        </MoreMenu>
      ) : null}
    </>
  );
}
