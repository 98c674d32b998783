import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import styles from "./sign-in.module.css";

interface PasswordSignInProps {
  readonly onEntered: (session: Session) => Promise<void>;
}

export function PasswordSignIn({ onEntered }: PasswordSignInProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const phone = usePhone();
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const signIn = useMutation({
    mutationFn: () => client.call("POST /session", { body: { name, password } }),
    onSuccess: onEntered,
    onError: () => {
      setPassword("");
      passwordField.current?.focus();
    },
  });
  // There is nothing else to do on this page. A phone's keyboard would cover half of it.
  useEffect(() => {
    if (!phone) nameField.current?.focus();
  }, [phone]);
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
        ref={nameField}
        required
        withAsterisk={false}
      />
      <PasswordInput
        size="sm"
        label={t("signIn.password")}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        ref={passwordField}
        required
        withAsterisk={false}
      />
      {/* Never disabled: what a browser fills in by itself it may tell only when somebody has touched the page. */}
      <Button type="submit" size="sm" loading={signIn.isPending}>
        {t("signIn.enter")}
      </Button>
    </form>
  );
}
