import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface MoreMenuProps {
  /** What the actions are for, as it is read out. */
  readonly label: string;
  /** `head`: beside buttons; `row`: in a row of a table or tree. */
  readonly look: "head" | "row";
  readonly className?: string | undefined;
  readonly tabIndex?: number;
  /** Menu items. */
  readonly children: ReactNode;
}

/** What can be done besides, behind three dots. */
export function MoreMenu({ label, look, className, tabIndex, children }: MoreMenuProps) {
  const isHead = look === "head";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          {...(isHead ? { variant: "default", size: 30 } : { size: "sm" })}
          {...(className === undefined ? {} : { className })}
          tabIndex={tabIndex}
          aria-label={label}
        >
          <IconDots size={isHead ? 16 : 14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
