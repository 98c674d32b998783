import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./inventory.module.css";

interface HostFactsProps {
  readonly host: Host;
}

/** Everything that the inventory knows of a host. */
export function HostFacts({ host }: HostFactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const category = categories.data?.functionCategories
    .flatMap((one) => one.appCategories.map((app) => ({ id: app.id, path: `${one.name}/${app.name}` })))
    .find(({ id }) => id === host.appCategoryId)?.path;
  const facts = [
    [t("inventory.category"), category ?? ""],
    [t("zones.zone"), host.zone],
    [t("inventory.innerAddress"), host.innerAddress],
    [t("inventory.outerAddress"), host.outerAddress],
    [t("inventory.port"), String(host.port)],
    [t("inventory.os"), host.os],
    [t("inventory.engines"), host.engines.join(" › ")],
    [t("inventory.user"), host.user],
    [t("inventory.credential"), host.credential || t("inventory.byDefault")],
    [t("inventory.proxyJump"), host.proxyJump],
    [t("inventory.tags"), host.tags.join(", ")],
    [t("users.state"), t(host.enabled ? "inventory.enabled" : "inventory.disabled")],
    [t("claims.field"), host.claim ? "" : t("claims.no")],
    [t("inventory.note"), host.note],
    [t("credentials.updated"), format.dateTime(host.updatedAt)],
  ] as const;
  return (
    <Panel title={t("host.facts")}>
      <dl className={styles.facts}>
        {facts
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{name === t("inventory.category") ? <CategoryPath path={value} /> : value}</dd>
            </div>
          ))}
      </dl>
    </Panel>
  );
}

interface CategoryPathProps {
  readonly path: string;
}

/** Breaks between its levels, where there is no room for both. */
function CategoryPath({ path }: CategoryPathProps) {
  const [first, ...rest] = path.split("/");
  return (
    <>
      {first}
      {rest.map((part) => (
        <Fragment key={part}>
          /<wbr />
          {part}
        </Fragment>
      ))}
    </>
  );
}
