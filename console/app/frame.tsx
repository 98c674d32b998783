import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useServerStatus } from "../api/use-server-status.ts";
import { useSession } from "../api/use-session.ts";
import { useWaitingRuns } from "../api/waiting-runs.ts";
import { usePhone } from "../components/layout/use-phone.ts";
import { BrandMark } from "./brand-mark.tsx";
import styles from "./frame.module.css";
import { type Place, placesFor } from "./navigation.ts";
import { openPalette, PaletteKey, paletteKeys } from "./palette-key.tsx";
import { setPreferences, usePreferences } from "./preferences.ts";
import { UserMenu } from "./user-menu.tsx";

/** In a production build neither this nor its file exists. */
const DevelopmentBar = import.meta.env.DEV
  ? lazy(() =>
      import("../scenes/development/development-bar.tsx").then((module) => ({ default: module.DevelopmentBar })),
    )
  : undefined;

/** Navigation around every scene: a rail on a desk, a bar below on a phone. */
export function Frame() {
  const { t } = useTranslation();
  const phone = usePhone();
  const { railFolded } = usePreferences();
  const { can } = useSession();
  const status = useServerStatus();
  const mine = placesFor(can);
  const folded = railFolded && !phone;
  const waiting = useWaitingRuns();
  const nameOf = (text: Place["text"]) =>
    text === "runs" && waiting > 0 ? t("nav.runsForMe", { count: waiting }) : t(`nav.${text}`);
  return (
    <div className={styles.frame} data-folded={folded || undefined}>
      <a className={styles.skip} href="#main">
        {t("nav.skip")}
      </a>
      {phone ? (
        <PhoneBar places={mine} />
      ) : (
        <nav className={styles.rail} aria-label={t("nav.label")}>
          <div className={styles.brand}>
            <BrandMark />
            {folded ? null : <span>OMServer</span>}
          </div>
          <RailTip label={`${t("palette.title")} ${paletteKeys}`} folded={folded}>
            <button
              type="button"
              className={styles.find}
              aria-label={t("palette.title")}
              aria-keyshortcuts="Control+K Meta+K"
              onClick={openPalette}
            >
              <IconSearch size={15} />
              {folded ? null : (
                <>
                  <span>{t("palette.open")}</span>
                  <kbd>{paletteKeys}</kbd>
                </>
              )}
            </button>
          </RailTip>
          <ul className={styles.places}>
            {mine.map(({ to, text, Icon }) => (
              <li key={to}>
                <RailTip label={nameOf(text)} folded={folded}>
                  <Link
                    to={to}
                    className={styles.place}
                    activeOptions={{ exact: to === "/", includeSearch: false }}
                    aria-label={nameOf(text)}
                  >
                    <Icon size={17} />
                    {folded ? null : <span>{t(`nav.${text}`)}</span>}
                    {text === "runs" && waiting > 0 ? <span className={styles.badge}>{waiting}</span> : null}
                  </Link>
                </RailTip>
              </li>
            ))}
          </ul>
          <div className={styles.foot}>
            <UserMenu folded={folded} />
            <Tooltip label={t(folded ? "nav.unfold" : "nav.fold")} position="right">
              <ActionIcon
                aria-label={t(folded ? "nav.unfold" : "nav.fold")}
                onClick={() => setPreferences({ railFolded: !railFolded })}
              >
                {folded ? <IconLayoutSidebarLeftExpand size={16} /> : <IconLayoutSidebarLeftCollapse size={16} />}
              </ActionIcon>
            </Tooltip>
          </div>
        </nav>
      )}
      <div className={styles.stage}>
        {status.offline ? (
          <div className={styles.offline} role="alert">
            {t("feedback.offline")}
          </div>
        ) : null}
        <main id="main" className={styles.main} tabIndex={-1}>
          <Outlet />
        </main>
        <PaletteKey />
        {DevelopmentBar === undefined ? null : (
          <Suspense>
            <DevelopmentBar />
          </Suspense>
        )}
      </div>
    </div>
  );
}

interface RailTipProps {
  readonly label: string;
  readonly folded: boolean;
  readonly children: ReactElement;
}

/** The name of what the folded rail shows as an icon. Where the name itself stands, a tip would cost and say nothing. */
function RailTip({ label, folded, children }: RailTipProps) {
  return folded ? (
    <Tooltip label={label} position="right">
      {children}
    </Tooltip>
  ) : (
    children
  );
}

interface PhoneBarProps {
  readonly places: readonly Place[];
}

function PhoneBar({ places: mine }: PhoneBarProps) {
  const { t } = useTranslation();
  return (
    <nav className={styles.bar} aria-label={t("nav.label")}>
      {mine.slice(0, 4).map(({ to, text, Icon }) => (
        <Link key={to} to={to} className={styles.barPlace} activeOptions={{ exact: to === "/", includeSearch: false }}>
          <Icon size={20} />
          <span>{t(`nav.${text}`)}</span>
        </Link>
      ))}
      <Menu position="top-end">
        <Menu.Target>
          <button type="button" className={styles.barPlace}>
            <IconDots size={20} />
            <span>{t("nav.more")}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSearch size={16} />} onClick={openPalette}>
            {t("palette.title")}
          </Menu.Item>
          {mine.slice(4).map(({ to, text, Icon }) => (
            <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={16} />}>
              {t(`nav.${text}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <UserMenu folded />
    </nav>
  );
}
