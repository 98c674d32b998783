import { IconPlugX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RunPreview } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./operate.module.css";

/** Where nothing would run because the engine cannot be used there: why, and the mend; nothing when it can everywhere. */
export function UnusableHosts({ unusable }: { readonly unusable: RunPreview["unusable"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (unusable.length === 0) return null;
  const count = unusable.reduce((sum, group) => sum + group.count, 0);
  return (
    <section className={styles.unusable} aria-labelledby="unusable-hosts">
      <h3 id="unusable-hosts">
        <IconPlugX size={16} aria-hidden />
        {t("confirm.unusable", { count, shown: format.number(count) })}
      </h3>
      <ul>
        {unusable.map(({ engine, hosts, count: own, reason, mend }) => (
          <li key={`${engine} ${reason}`}>
            <strong>{`${engine} × ${format.number(own)}`}</strong>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
            <code className={styles.hostList} tabIndex={0}>
              {hosts}
            </code>
            <ReasonText text={`${reason} ${mend}`.trim()} />
          </li>
        ))}
      </ul>
    </section>
  );
}
