import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { CallOutput } from "../../../src/contract/http/client.ts";
import styles from "./hosts-change.module.css";

export type HostsChangeReport = CallOutput<"POST /hosts/change">;

interface HostsChangeViewProps {
  readonly report: HostsChangeReport;
}

/** What a change of several hosts would do: each field with what the hosts hold now, and which hosts stay as they are. */
export function HostsChangeView({ report }: HostsChangeViewProps) {
  const { t } = useTranslation();
  const { changed, unchanged, effects, hosts } = report;
  if (changed === 0) return <p className={styles.same}>{t("bulk.nothing", { count: unchanged })}</p>;
  return (
    <div className={styles.report} role="status">
      <ul className={styles.effects}>
        {effects.map(({ field, count, from, to }) => {
          const rest = count - from.reduce((sum, one) => sum + one.count, 0);
          return (
            <li key={field}>
              <span className={styles.field}>{fieldName(t, field)}</span>
              <span className={styles.values}>
                {field === "addTags" || field === "removeTags" ? null : (
                  <>
                    {from.map(({ value, count: so }) => (
                      <span key={value} className={styles.before}>
                        {valueText(t, field, value)}
                        {from.length > 1 ? <small>{so}</small> : null}
                      </span>
                    ))}
                    {rest > 0 ? (
                      <span className={styles.before}>{t("inventory.moreRows", { count: rest })}</span>
                    ) : null}
                    <span aria-hidden="true">→</span>
                  </>
                )}
                <strong>{valueText(t, field, to)}</strong>
              </span>
              <span className={styles.count}>{t("bulk.onHosts", { count })}</span>
            </li>
          );
        })}
      </ul>
      <p className={styles.hosts}>
        <code>{hosts}</code>
      </p>
      {unchanged > 0 ? <p className={styles.same}>{t("inventory.unchangedRows", { count: unchanged })}</p> : null}
    </div>
  );
}

/** A value as the server tells it, in the words of the forms. */
export function valueText(t: TFunction, field: string, value: string): string {
  if (field === "enabled") return t(value === "yes" ? "inventory.enabled" : "inventory.disabled");
  if (field === "claim") return t(value === "yes" ? "claims.yes" : "claims.no");
  if (value !== "") return value;
  return t(field === "credential" ? "inventory.byDefault" : "bulk.none");
}

/** The name of a host's field, as the forms call it. */
export function fieldName(t: TFunction, field: string): string {
  switch (field) {
    case "name":
    case "innerAddress":
    case "outerAddress":
    case "port":
    case "os":
    case "engines":
    case "user":
    case "credential":
    case "proxyJump":
    case "tags":
    case "note":
    case "category":
      return t(`inventory.${field}`);
    case "appCategoryId":
      return t("inventory.category");
    case "zone":
      return t("zones.zone");
    case "enabled":
      return t("users.state");
    case "claim":
      return t("claims.field");
    case "addTags":
      return t("bulk.addTags");
    case "removeTags":
      return t("bulk.removeTags");
    default:
      return field;
  }
}
