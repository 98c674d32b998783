import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import styles from "./sign-in.module.css";

interface PasswordSignInProps {
  readonly onEntered: (session: Session) => Promise<void>;
}

export function PasswordSignIn({ onEntered }: PasswordSignInProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => client.call("POST /session", { body: { name, password } }),
    onSuccess: onEntered,
    onError: () => setPassword(""),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      {signIn.error ? <ProblemAlert error={signIn.error} /> : null}
      <TextInput
        size="sm"
        label={t("signIn.name")}
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
        withAsterisk={false}
        data-autofocus
      />
      <PasswordInput
        size="sm"
        label={t("signIn.password")}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        required
        withAsterisk={false}
      />
      <Button type="submit" size="sm" loading={signIn.isPending} disabled={name === "" || password === ""}>
        {t("signIn.enter")}
      </Button>
    </form>
  );
}
