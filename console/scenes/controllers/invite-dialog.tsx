import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import form from "../../components/layout/form.module.css";
import { ShownOnce } from "../../components/layout/shown-once.tsx";
import { useFormat } from "../../i18n/use-format.ts";

interface InviteDialogProps {
  readonly onClose: () => void;
}

/** Gives the one line that makes another machine a controller: it works once, is shown once, and holds for half an hour. */
export function InviteDialog({ onClose }: InviteDialogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [zone, setZone] = useState("");
  const invite = useMutation({
    mutationFn: () =>
      client.call("POST /controllers/:name/invitation", {
        params: { name: name.trim() },
        body: zone.trim() === "" ? {} : { zone: zone.trim() },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["controllers"] }),
  });
  const faults = usePlacedFaults(invite.error);
  const shown = useShownFault(invite.error);
  const given = invite.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("invite.title")}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        ref={shown}
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <p>{t("invite.about")}</p>
        {invite.error ? <ProblemAlert error={invite.error} /> : null}
        {given === undefined ? (
          <>
            <TextInput
              data-autofocus
              required
              label={t("controllers.name")}
              description={t("invite.nameHint")}
              value={name}
              spellCheck={false}
              onChange={(event) => setName(event.currentTarget.value)}
              error={faults.name}
            />
            <TextInput
              label={t("zones.zone")}
              description={t("invite.zoneHint")}
              value={zone}
              spellCheck={false}
              onChange={(event) => setZone(event.currentTarget.value)}
              error={faults.zone}
            />
          </>
        ) : (
          <ShownOnce
            label={t("invite.line", { name: name.trim(), until: format.dateTime(given.expiresAt) })}
            value={`omserver controller enrol --server ${given.server} --token ${given.token} --ca-sha256 ${given.authoritySha256}`}
          />
        )}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t(given === undefined ? "confirm.back" : "confirm.close")}
          </Button>
          {given === undefined ? (
            <Button type="submit" loading={invite.isPending} disabled={name.trim() === ""}>
              {t("invite.make")}
            </Button>
          ) : null}
        </div>
      </form>
    </Modal>
  );
}
