import { IconPencil } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { Host } from "../../api/types.ts";
import type { GridColumn } from "../../components/grid-table/grid-column.ts";
import styles from "./inventory.module.css";

interface HostColumnsOptions {
  readonly t: TFunction;
  readonly phone: boolean;
  readonly nameOf: (host: Host) => ReactNode;
  /** Undefined: hosts are shown only. */
  readonly onEdit: ((host: Host) => void) | undefined;
  /** False: what a host is reached by is not edited. */
  readonly mayConnect: boolean;
}

/** The columns of the host table; the key of an editable one is the field that it edits. */
export function hostColumns({ t, phone, nameOf, onEdit, mayConnect }: HostColumnsOptions): readonly GridColumn<Host>[] {
  const editable = onEdit !== undefined && !phone;
  const connects = editable && mayConnect;
  const columns: GridColumn<Host>[] = [
    {
      key: "name",
      header: t("inventory.name"),
      width: phone ? 122 : 124,
      editable: connects,
      cell: (host) => (
        <span className={styles.mono} data-disabled={!host.enabled || undefined}>
          {nameOf(host)}
        </span>
      ),
    },
    {
      key: "innerAddress",
      header: t("inventory.innerAddress"),
      editable: connects,
      ...(phone ? {} : { width: 114 }),
      cell: (host) => (
        <code>
          {phone ? host.innerAddress || host.outerAddress : host.innerAddress}
          {phone && host.port !== 22 ? ` :${host.port}` : ""}
        </code>
      ),
    },
    {
      key: "outerAddress",
      header: t("inventory.outerAddress"),
      width: 114,
      wide: true,
      editable: connects,
      cell: (host) => <code>{host.outerAddress}</code>,
    },
    {
      key: "port",
      header: t("inventory.port"),
      width: 58,
      wide: true,
      editable: connects,
      align: "end",
      cell: (host) => <span data-quiet={host.port === 22 || undefined}>{host.port}</span>,
    },
    {
      key: "os",
      header: t("inventory.os"),
      wide: true,
      editable,
      cell: (host) => <span title={host.os}>{host.os}</span>,
    },
    {
      key: "engines",
      header: t("inventory.engines"),
      width: 76,
      wide: true,
      editable: connects,
      cell: (host) => host.engines.join(" › "),
    },
    {
      key: "credential",
      header: t("inventory.credential"),
      width: 88,
      wide: true,
      editable: connects,
      cell: (host) => host.credential || <span data-quiet>{t("inventory.byDefault")}</span>,
    },
    {
      key: "tags",
      header: t("inventory.tags"),
      wide: true,
      editable,
      cell: (host) =>
        host.tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        )),
    },
    {
      key: "enabled",
      header: t("users.state"),
      width: 70,
      wide: true,
      editable,
      cell: (host) => (
        <span data-quiet={host.enabled || undefined}>
          {t(host.enabled ? "inventory.enabled" : "inventory.disabled")}
        </span>
      ),
    },
  ];
  if (onEdit === undefined) return columns;
  return [
    ...columns,
    {
      key: "edit",
      header: t("inventory.edit"),
      hidden: true,
      width: 44,
      cell: (host) => (
        // A plain button: a hundred of them a second come into view while one scrolls.
        <button
          type="button"
          className={styles.edit}
          tabIndex={-1}
          aria-label={t("inventory.editNamed", { name: host.name })}
          onClick={() => onEdit(host)}
        >
          <IconPencil size={14} />
        </button>
      ),
    },
  ];
}
