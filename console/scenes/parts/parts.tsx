import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LanguageChoice, ThemeChoice } from "../../app/user-menu.tsx";
import { Page } from "../../components/layout/page.tsx";
import { DataParts } from "./data-parts.tsx";
import { FeedbackParts } from "./feedback-parts.tsx";
import { FieldParts } from "./field-parts.tsx";
import { FoundationParts } from "./foundation-parts.tsx";
import { OutputParts } from "./output-parts.tsx";
import styles from "./parts.module.css";
import { StateParts } from "./state-parts.tsx";

/** Every part that the console is made of, in every state: what a change of one would change everywhere. */
export function Parts() {
  const { t } = useTranslation();
  return (
    <Page
      title={t("parts.title")}
      above={<Link to="/settings">{t("nav.settings")}</Link>}
      actions={
        <div className={styles.choices}>
          <LanguageChoice />
          <ThemeChoice />
        </div>
      }
    >
      <p className={styles.about}>{t("parts.about")}</p>
      <div className={styles.parts}>
        <FoundationParts />
        <StateParts />
        <FieldParts />
        <FeedbackParts />
        <DataParts />
        <OutputParts />
      </div>
    </Page>
  );
}
