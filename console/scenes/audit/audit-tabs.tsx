import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import styles from "./audit.module.css";

/** What people did here, and what was typed on the hosts. */
export function AuditTabs() {
  const { t } = useTranslation();
  return (
    <nav className={styles.tabs} aria-label={t("nav.audit")}>
      <Link to="/audit" activeOptions={{ exact: true }} activeProps={{ "aria-current": "page" }}>
        {t("shell.platform")}
      </Link>
      <Link to="/audit/shell" search={{}} activeProps={{ "aria-current": "page" }}>
        {t("shell.title")}
      </Link>
    </nav>
  );
}
