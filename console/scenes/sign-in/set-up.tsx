import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import styles from "./sign-in.module.css";

interface SetUpProps {
  /** From the set-up link; without it the form asks for it. */
  readonly token: string | undefined;
  readonly onToken: (token: string | undefined) => void;
  readonly onEntered: (session: Session) => Promise<void>;
}

const shortestPassword = 12;

/** Makes the first administrator. There is no default password: the link comes from the server's own log. */
export function SetUp({ token, onToken, onEntered }: SetUpProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("admin");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [pasted, setPasted] = useState("");
  const setUp = useMutation({
    mutationFn: (known: string) => client.call("POST /session/link", { body: { token: known, name, password } }),
    onSuccess: onEntered,
  });
  if (token === undefined) {
    return (
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onToken(/token=([^&\s]+)/.exec(pasted)?.[1] ?? pasted.trim());
        }}
      >
        <h2>{t("setUp.title")}</h2>
        <p className={styles.hint}>{t("setUp.needsLink")}</p>
        <TextInput
          size="sm"
          label={t("setUp.link")}
          value={pasted}
          onChange={(event) => setPasted(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" disabled={pasted.trim().length < 20}>
          {t("setUp.continue")}
        </Button>
      </form>
    );
  }
  const short = password !== "" && password.length < shortestPassword;
  const differs = again !== "" && again !== password;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        setUp.mutate(token);
      }}
    >
      <h2>{t("setUp.title")}</h2>
      <p className={styles.hint}>{t("setUp.hint")}</p>
      {setUp.error ? <ProblemAlert error={setUp.error} /> : null}
      <TextInput
        size="sm"
        label={t("signIn.name")}
        autoComplete="username"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
        withAsterisk={false}
      />
      <PasswordInput
        size="sm"
        label={t("signIn.newPassword")}
        description={t("signIn.passwordRule", { count: shortestPassword })}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={short ? t("signIn.passwordShort", { count: shortestPassword - password.length }) : undefined}
        required
        withAsterisk={false}
      />
      <PasswordInput
        size="sm"
        label={t("signIn.passwordAgain")}
        autoComplete="new-password"
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={differs ? t("signIn.passwordDiffers") : undefined}
        required
        withAsterisk={false}
      />
      <Button
        type="submit"
        size="sm"
        loading={setUp.isPending}
        disabled={name.trim() === "" || password.length < shortestPassword || again !== password}
      >
        {t("setUp.create")}
      </Button>
    </form>
  );
}
