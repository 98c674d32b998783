import { IconKey, IconPuzzle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { modulesQuery } from "../api/modules-query.ts";
import { useSession } from "../api/use-session.ts";
import { DangerMark } from "../components/danger-mark/danger-mark.tsx";
import { moduleEntry } from "../components/palette/module-entry.ts";
import { Palette, type PaletteEntry } from "../components/palette/palette.tsx";
import { en } from "../i18n/en.ts";
import { zh } from "../i18n/zh.ts";
import { recentModules, rememberUse } from "./memory.ts";
import { placesFor } from "./navigation.ts";
import { usePreferences } from "./preferences.ts";

interface PaletteOfConsoleProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onClose: () => void;
}

interface Target extends PaletteEntry {
  readonly go: () => Promise<void>;
}

/** Modules of the catalogue and the scenes of the console, as far as the user may see them. */
export function PaletteOfConsole({ search, onSearch, onClose }: PaletteOfConsoleProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { session, can } = useSession();
  const navigate = useNavigate();
  const modules = useQuery({ ...modulesQuery, enabled: can("modules.read") });
  const offered = modules.data?.modules;
  const userId = session?.user.id ?? 0;
  const recent = useMemo(() => recentModules(userId).map((id) => `module-${id}`), [userId]);
  const mayStart = can("runs.start");
  const entries: readonly Target[] = [
    ...(offered ?? [])
      .filter(({ enabled }) => enabled)
      .map((module) => ({
        ...moduleEntry(module),
        id: `module-${module.id}`,
        group: t("nav.modules"),
        title: module.name[language],
        note: `${module.id} ${module.key}`,
        icon: <IconPuzzle size={16} />,
        mark: <DangerMark danger={module.danger} />,
        go: async () => {
          rememberUse(userId, module.id);
          if (mayStart) await navigate({ to: "/", search: { module: module.id } });
          else await navigate({ to: "/modules/$id", params: { id: String(module.id) } });
        },
      })),
    ...placesFor(can).map(({ to, text, Icon }) => ({
      id: `place-${text}`,
      group: t("palette.places"),
      title: t(`nav.${text}`),
      note: "",
      names: [zh.nav[text], en.nav[text]],
      about: [],
      icon: <Icon size={16} />,
      go: () => navigate({ to }),
    })),
    {
      id: "place-account",
      group: t("palette.places"),
      title: t("nav.account"),
      note: "",
      names: [zh.nav.account, en.nav.account],
      about: [],
      icon: <IconKey size={16} />,
      go: () => navigate({ to: "/account" }),
    },
  ];
  return (
    <Palette
      entries={entries}
      recent={recent}
      search={search}
      onSearch={onSearch}
      onClose={onClose}
      onChoose={(entry) => {
        onClose();
        void entries.find(({ id }) => id === entry.id)?.go();
      }}
    />
  );
}
