import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

interface ExportMenuProps {
  /** Where a format's download is. */
  readonly addressOf: (format: "csv" | "jsonl") => string;
}

/** Hands out what the filters leave, all of it and not only what is on the page. */
export function ExportMenu({ addressOf }: ExportMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} />} rightSection={<IconChevronDown size={12} />}>
          {t("audit.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" download href={addressOf("csv")}>
          {t("audit.exportCsv")}
        </Menu.Item>
        <Menu.Item component="a" download href={addressOf("jsonl")}>
          {t("audit.exportJson")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
