import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { Page } from "../../components/layout/page.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { Tokens } from "./tokens.tsx";

/** What is one's own: password and API tokens. */
export function Account() {
  const { t } = useTranslation();
  const { session } = useSession();
  return (
    <Page title={t("nav.account")} beside={session?.user.name}>
      <ChangePassword />
      <Tokens />
    </Page>
  );
}

const shortestPassword = 12;

function ChangePassword() {
  const { t } = useTranslation();
  const { session } = useSession();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => client.call("PUT /session/password", { body: { current, next } }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      setAgain("");
      tellDone(t("account.passwordChanged"));
    },
  });
  const short = next !== "" && next.length < shortestPassword;
  const differs = again !== "" && again !== next;
  return (
    <Panel title={t("account.password")} narrow>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {session?.user.hasPassword === false ? null : (
          <PasswordInput
            label={t("account.currentPassword")}
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label={t("signIn.newPassword")}
          description={t("signIn.passwordRule", { count: shortestPassword })}
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          error={short ? t("signIn.passwordShort", { count: shortestPassword - next.length }) : undefined}
        />
        <PasswordInput
          label={t("signIn.passwordAgain")}
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={differs ? t("signIn.passwordDiffers") : undefined}
        />
        {change.error ? <ProblemAlert error={change.error} /> : null}
        <Button type="submit" loading={change.isPending} disabled={next.length < shortestPassword || again !== next}>
          {t("account.changePassword")}
        </Button>
      </form>
    </Panel>
  );
}
