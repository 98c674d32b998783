import { ActionIcon } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { Host } from "../../api/types.ts";
import type { Column } from "../../components/table/data-table.tsx";
import styles from "./inventory.module.css";

interface HostColumnsOptions {
  readonly t: TFunction;
  readonly nameOf: (host: Host) => ReactNode;
  readonly onEdit: ((host: Host) => void) | undefined;
}

export function hostColumns({ t, nameOf, onEdit }: HostColumnsOptions): readonly Column<Host>[] {
  const columns: Column<Host>[] = [
    {
      key: "name",
      header: t("inventory.name"),
      width: 150,
      cell: (host) => (
        <span className={styles.mono} data-disabled={!host.enabled || undefined}>
          {nameOf(host)}
        </span>
      ),
    },
    {
      key: "address",
      header: t("inventory.innerAddress"),
      width: 180,
      cell: (host) => (
        <code>
          {host.innerAddress || host.outerAddress}
          {host.port === 22 ? "" : ` :${host.port}`}
        </code>
      ),
    },
    {
      key: "outer",
      header: t("inventory.outerAddress"),
      width: 150,
      wide: true,
      cell: (host) => <code>{host.outerAddress}</code>,
    },
    { key: "os", header: t("inventory.os"), wide: true, cell: (host) => host.os },
    { key: "engines", header: t("inventory.engines"), width: 90, wide: true, cell: (host) => host.engines.join(" › ") },
    {
      key: "credential",
      header: t("inventory.credential"),
      width: 130,
      wide: true,
      cell: (host) => host.credential || t("inventory.byDefault"),
    },
    {
      key: "tags",
      header: t("inventory.tags"),
      wide: true,
      cell: (host) =>
        host.tags.map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        )),
    },
    {
      key: "state",
      header: t("users.state"),
      width: 76,
      wide: true,
      cell: (host) => t(host.enabled ? "inventory.enabled" : "inventory.disabled"),
    },
  ];
  if (onEdit === undefined) return columns;
  return [
    ...columns,
    {
      key: "edit",
      label: t("inventory.edit"),
      width: 44,
      cell: (host) => (
        <ActionIcon size="sm" aria-label={t("inventory.editNamed", { name: host.name })} onClick={() => onEdit(host)}>
          <IconPencil size={14} />
        </ActionIcon>
      ),
    },
  ];
}
