import {
  IconActivity,
  IconFiles,
  IconHistory,
  IconListCheck,
  IconPlayerPlay,
  IconPuzzle,
  IconServer2,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Permission } from "../../src/contract/http/route.ts";
import type { SessionHold } from "../api/use-session.ts";

/** A scene that the navigation leads to. */
export interface Place {
  readonly to:
    | "/"
    | "/runs"
    | "/inventory"
    | "/modules"
    | "/files"
    | "/audit"
    | "/users"
    | "/controllers"
    | "/settings";
  readonly text:
    | "operate"
    | "runs"
    | "inventory"
    | "modules"
    | "files"
    | "audit"
    | "users"
    | "controllers"
    | "settings";
  readonly permission: Permission;
  readonly Icon: ComponentType<{ size?: number }>;
}

const places: readonly Place[] = [
  { to: "/", text: "operate", permission: "runs.read", Icon: IconPlayerPlay },
  { to: "/runs", text: "runs", permission: "runs.read", Icon: IconHistory },
  { to: "/inventory", text: "inventory", permission: "inventory.read", Icon: IconServer2 },
  { to: "/modules", text: "modules", permission: "modules.read", Icon: IconPuzzle },
  { to: "/files", text: "files", permission: "files.read", Icon: IconFiles },
  { to: "/audit", text: "audit", permission: "audit.read", Icon: IconListCheck },
  { to: "/users", text: "users", permission: "users.manage", Icon: IconUsers },
  { to: "/controllers", text: "controllers", permission: "inventory.read", Icon: IconActivity },
  { to: "/settings", text: "settings", permission: "self", Icon: IconSettings },
];

/** The scenes that somebody may see, in the order of the navigation. */
export function placesFor(can: SessionHold["can"]): readonly Place[] {
  return places.filter(({ permission }) => permission === "self" || can(permission));
}
