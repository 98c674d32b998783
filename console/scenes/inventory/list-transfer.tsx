import { Button, Menu } from "@mantine/core";
import { IconDownload, IconFileImport } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { MoreMenu } from "../../components/layout/more-menu.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";

interface ListTransferProps {
  readonly exportAddress: string;
  /** Undefined: nothing may be imported. */
  readonly onImport: (() => void) | undefined;
}

/** Hosts out and in, as files. On a phone, where that is seldom done, both stand in a menu. */
export function ListTransfer({ exportAddress, onImport }: ListTransferProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  if (phone) {
    return (
      <MoreMenu look="head" label={t("hostPage.more")}>
        <Menu.Item component="a" download href={exportAddress} leftSection={<IconDownload size={14} />}>
          {t("inventory.export")}
        </Menu.Item>
        {onImport === undefined ? null : (
          <Menu.Item leftSection={<IconFileImport size={14} />} onClick={onImport}>
            {t("inventory.import")}
          </Menu.Item>
        )}
      </MoreMenu>
    );
  }
  return (
    <>
      <Button variant="default" component="a" download href={exportAddress} leftSection={<IconDownload size={14} />}>
        {t("inventory.export")}
      </Button>
      {onImport === undefined ? null : (
        <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={onImport}>
          {t("inventory.import")}
        </Button>
      )}
    </>
  );
}
