import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { client, queryClient, sessionKey } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { statusQuery } from "../../api/use-server-status.ts";
import { BrandMark } from "../../app/brand-mark.tsx";
import { LanguageChoice, ThemeChoice } from "../../app/user-menu.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { useTitle } from "../../components/layout/use-title.ts";
import { PasswordSignIn } from "./password-sign-in.tsx";
import { SetUp } from "./set-up.tsx";
import styles from "./sign-in.module.css";

/** The way in: name and password, a one-time link, or the first administrator's set-up. */
export function SignIn() {
  const { t } = useTranslation();
  const [token, setToken] = useState(takeToken);
  const status = useQuery(statusQuery);
  const { to } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const router = useRouter();

  async function enter(session: Session): Promise<void> {
    const isFirst = status.data?.setupNeeded === true;
    queryClient.clear();
    queryClient.setQueryData(sessionKey, session);
    if (isFirst) await navigate({ to: "/set-up" });
    else if (to === undefined) await navigate({ to: "/" });
    else router.history.push(to);
  }

  useTitle(t("signIn.title"));

  return (
    <main className={styles.page}>
      <section className={styles.box} aria-labelledby="sign-in-title">
        <header className={styles.brand}>
          <BrandMark />
          <h1 id="sign-in-title">OMServer</h1>
        </header>
        {status.error ? <ProblemAlert error={status.error} onRetry={() => void status.refetch()} /> : null}
        {status.isLoading ? <Loading rows={3} /> : null}
        {status.data === undefined ? null : status.data.setupNeeded ? (
          <SetUp token={token} onToken={setToken} onEntered={enter} />
        ) : token !== undefined ? (
          <LinkSignIn token={token} onEntered={enter} onGiveUp={() => setToken(undefined)} />
        ) : (
          <PasswordSignIn onEntered={enter} />
        )}
      </section>
      <footer className={styles.foot}>
        <LanguageChoice />
        <ThemeChoice />
      </footer>
    </main>
  );
}

interface LinkSignInProps {
  readonly token: string;
  readonly onEntered: (session: Session) => Promise<void>;
  readonly onGiveUp: () => void;
}

/** Redeems a one-time link at once; it works once, so it is sent once. */
function LinkSignIn({ token, onEntered, onGiveUp }: LinkSignInProps) {
  const { t } = useTranslation();
  const redeem = useMutation({
    mutationFn: () => redeemOnce(token),
    onSuccess: onEntered,
  });
  const { mutate } = redeem;
  useEffect(() => mutate(), [mutate]);
  if (redeem.error === null) return <p className={styles.hint}>{t("signIn.byLink")}</p>;
  return (
    <>
      <ProblemAlert error={redeem.error} />
      <button type="button" className={styles.textButton} onClick={onGiveUp}>
        {t("signIn.byPassword")}
      </button>
    </>
  );
}

const redeemed = new Map<string, Promise<Session>>();

function redeemOnce(token: string): Promise<Session> {
  const held = redeemed.get(token);
  if (held !== undefined) return held;
  const asked = client.call("POST /session/link", { body: { token } });
  redeemed.set(token, asked);
  return asked;
}

/** The token out of `#token=…`; the address bar and the history lose it at once. */
function takeToken(): string | undefined {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? undefined;
  if (token !== undefined)
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return token;
}
