import { Button, PasswordInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type CredentialKind, credentialKinds } from "../../../src/contract/credential.ts";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import {
  credentialSecret,
  hintedFields,
  type SecretDraft,
  type SecretField,
  secretFields,
} from "../inventory/credential-secret.ts";
import styles from "./first-run.module.css";

interface WayInStepProps {
  readonly onDone: (summary: string) => void;
}

/** The credential that hosts use which name none. */
const name = "default";
/** Asked for at once besides what is needed; the rest on demand. */
const usual: readonly SecretField[] = ["user", "passphrase"];

/** How to sign in to the hosts. The secret goes to the controller and cannot be read back. */
export function WayInStep({ onDone }: WayInStepProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [kind, setKind] = useState<CredentialKind>("key");
  const [draft, setDraft] = useState<SecretDraft>({ user: "root" });
  const known = useQuery({
    queryKey: ["credentials"],
    queryFn: ({ signal }) => client.call("GET /credentials", { signal }),
  });
  const [more, setMore] = useState(false);
  const fields = secretFields[kind].filter(({ name: field, required }) => more || required || usual.includes(field));
  const secret = credentialSecret(kind, draft);
  const describe = (user: string, by: CredentialKind) => `${user} · ${t(`credentials.kinds.${by}`)}`;
  const save = useMutation({
    mutationFn: async () => {
      if (secret !== undefined) await client.call("PUT /credentials", { body: { name, secret } });
    },
    onSuccess: () => onDone(describe(draft.user ?? "", kind)),
  });
  const kept = known.data?.credentials.find((credential) => credential.name === name);
  return (
    <>
      {kept === undefined ? null : (
        <p className={styles.there}>
          {t("firstRun.wayInThere", { kind: t(`credentials.kinds.${kept.kind}`), user: kept.user })}
          <Button variant="default" onClick={() => onDone(describe(kept.user, kept.kind))}>
            {t("firstRun.keepWayIn")}
          </Button>
        </p>
      )}
      <form
        className={styles.form}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <p className={styles.about}>{t("firstRun.wayInHint")}</p>
        <SegmentedControl
          className={styles.ways}
          fullWidth={phone}
          size={phone ? "md" : "sm"}
          orientation={phone ? "vertical" : "horizontal"}
          aria-label={t("credentials.kind")}
          value={kind}
          onChange={(value) => setKind(credentialKinds.find((one) => one === value) ?? kind)}
          data={credentialKinds.map((value) => ({ value, label: t(`credentials.kinds.${value}`) }))}
        />
        <div className={styles.secret}>
          {fields.map(({ name: field, shape, required }) => {
            const hinted = hintedFields.find((one) => one === field);
            const common = {
              label: t(`credentials.field.${field}`),
              description: hinted === undefined ? undefined : t(`credentials.hint.${hinted}`),
              required,
              value: draft[field] ?? "",
              onChange: (event: { currentTarget: { value: string } }) => {
                const { value } = event.currentTarget;
                setDraft((before) => ({ ...before, [field]: value }));
              },
            };
            if (shape === "text") return <TextInput key={field} classNames={{ input: styles.mono }} {...common} />;
            if (shape === "secret") return <PasswordInput key={field} autoComplete="new-password" {...common} />;
            return <Textarea key={field} rows={5} spellCheck={false} classNames={{ input: styles.mono }} {...common} />;
          })}
        </div>
        {fields.length === secretFields[kind].length ? null : (
          <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setMore(true)}>
            {t("firstRun.moreFields")}
          </Button>
        )}
        {save.error ? <ProblemAlert error={save.error} /> : null}
        <Button type="submit" size="sm" loading={save.isPending} disabled={secret === undefined}>
          {t("firstRun.saveWayIn")}
        </Button>
      </form>
    </>
  );
}
