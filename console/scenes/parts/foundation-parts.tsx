import { ActionIcon, Button, Kbd, Tooltip } from "@mantine/core";
import { IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import styles from "./parts.module.css";
import { colours, sizes, spaces } from "./samples.ts";

/** Type, room and colour; and what is pressed. */
export function FoundationParts() {
  const { t } = useTranslation();
  return (
    <>
      <Panel title={t("parts.type")}>
        {sizes.map((size) => (
          <p key={size} className={styles.sample} data-size={size}>
            <code>{size}</code> {t("parts.sentence")}
          </p>
        ))}
        <p className={styles.mono}>{t("parts.sentence")}</p>
      </Panel>
      <Panel title={t("parts.space")}>
        {spaces.map((space) => (
          <p key={space} className={styles.space}>
            <code>{space}</code>
            <span data-space={space} />
          </p>
        ))}
      </Panel>
      <Panel title={t("parts.colours")}>
        <ul className={styles.colours}>
          {colours.map((colour) => (
            <li key={colour}>
              <span data-colour={colour} />
              <code>{colour}</code>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t("parts.buttons")}>
        <div className={styles.line}>
          <Button leftSection={<IconPlayerPlay size={14} />}>{t("parts.button.main")}</Button>
          <Button variant="default">{t("parts.button.plain")}</Button>
          <Button variant="subtle" color="gray">
            {t("parts.button.quiet")}
          </Button>
          <Button color="red">{t("parts.button.danger")}</Button>
          <ButtonLink to="/">{t("nav.toOperate")}</ButtonLink>
        </div>
        <div className={styles.line}>
          <Button disabled>{t("parts.button.main")}</Button>
          <Button loading>{t("parts.button.main")}</Button>
          <Button variant="default" disabled>
            {t("parts.button.plain")}
          </Button>
          <Tooltip label={t("inventory.delete")}>
            <ActionIcon aria-label={t("inventory.delete")}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon aria-label={t("inventory.delete")} disabled>
            <IconTrash size={16} />
          </ActionIcon>
          <Kbd>K</Kbd>
        </div>
      </Panel>
    </>
  );
}
