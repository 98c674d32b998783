import { Menu, SegmentedControl, UnstyledButton } from "@mantine/core";
import { IconKey, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client, queryClient } from "../api/client.ts";
import { useSession } from "../api/use-session.ts";
import { tellFailed } from "../components/feedback/toasts.tsx";
import { speak } from "../i18n/i18n.ts";
import styles from "./frame.module.css";
import { type Language, languages, setPreferences, type Theme, themes, usePreferences } from "./preferences.ts";

interface UserMenuProps {
  readonly folded: boolean;
}

/** Who is signed in; language and theme; the way out. */
export function UserMenu({ folded }: UserMenuProps) {
  const { t } = useTranslation();
  const { session } = useSession();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => client.call("DELETE /session", {}),
    onError: tellFailed,
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ to: "/sign-in" });
    },
  });
  const name = session?.user.name ?? "";
  return (
    <Menu position="right-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className={styles.user} aria-label={t("nav.userMenu", { name })}>
          <IconUserCircle size={18} />
          {folded ? null : <span className={styles.userName}>{name}</span>}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name} · {session === undefined ? "" : t(`role.${session.user.role}`)}
        </Menu.Label>
        <div className={styles.choices}>
          <LanguageChoice />
          <ThemeChoice />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKey size={15} />} component={Link} to="/account">
          {t("nav.account")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
          {t("nav.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Each language in its own words. */
const languageNames: Readonly<Record<Language, string>> = { zh: "中文", en: "English" };

export function LanguageChoice() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <SegmentedControl
      fullWidth
      aria-label={t("nav.language")}
      value={language}
      onChange={(value) => {
        const chosen = value as Language;
        speak(chosen).then(
          () => setPreferences({ language: chosen }),
          () => tellFailed(new Error(t("nav.languageMissing"))),
        );
      }}
      data={languages.map((value) => ({ value, label: <span lang={value}>{languageNames[value]}</span> }))}
    />
  );
}

export function ThemeChoice() {
  const { t } = useTranslation();
  const { theme } = usePreferences();
  return (
    <SegmentedControl
      fullWidth
      aria-label={t("nav.theme")}
      value={theme}
      onChange={(value) => setPreferences({ theme: value as Theme })}
      data={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
    />
  );
}
