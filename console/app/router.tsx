import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
  type SearchSchemaInput,
} from "@tanstack/react-router";
import { isNotSignedIn, queryClient } from "../api/client.ts";
import { statusQuery } from "../api/use-server-status.ts";
import { sessionQuery } from "../api/use-session.ts";
import { withSceneTexts } from "../i18n/i18n.ts";
import { askForHosts } from "../live/early-hosts.ts";
import { type RunsSearch, type RunsSearchInput, runsSearchIn } from "../scenes/history/runs-search.ts";
import { type OperateSearch, operateSearchIn } from "../scenes/operate/operate-search.ts";
import { lookIn, type RunLook, type RunLookSearch } from "../scenes/run/run-look.ts";
import { Frame } from "./frame.tsx";
import { LostPlace, PendingPlace } from "./places.tsx";

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <LostPlace /> });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: { to?: unknown } & SearchSchemaInput): { to?: string } =>
    typeof search.to === "string" && /^\/(?!\/)/.test(search.to) ? { to: search.to } : {},
  component: lazyRouteComponent(() => import("../scenes/sign-in/sign-in.tsx"), "SignIn"),
});

/** Everything behind the sign-in. */
const frame = createRoute({
  getParentRoute: () => root,
  id: "frame",
  component: Frame,
  pendingComponent: PendingPlace,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (!isNotSignedIn(error)) throw error;
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { to: location.href } });
    }
  },
  loader: () => void queryClient.prefetchQuery(statusQuery),
});

const operate = createRoute({
  getParentRoute: () => frame,
  path: "/",
  validateSearch: (search: { query?: unknown; module?: unknown } & SearchSchemaInput): OperateSearch =>
    operateSearchIn(search),
  component: lazyRouteComponent(() => import("../scenes/operate/operate.tsx"), "Operate"),
});

const firstRun = createRoute({
  getParentRoute: () => frame,
  path: "/set-up",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/first-run/first-run.tsx")),
    "FirstRun",
  ),
});

const runs = createRoute({
  getParentRoute: () => frame,
  path: "/runs",
  validateSearch: (search: RunsSearchInput & SearchSchemaInput): RunsSearch => runsSearchIn(search),
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/history/history.tsx")),
    "History",
  ),
});

const run = createRoute({
  getParentRoute: () => frame,
  path: "/runs/$id",
  validateSearch: (search: RunLookSearch & SearchSchemaInput): RunLook => lookIn(search),
  beforeLoad: ({ params }) => requireNumber(params.id),
  notFoundComponent: () => <LostPlace />,
  // Not when a pointer is on a link, nor when the page that is there looks at something else.
  loader: ({ params, cause }) => {
    if (cause === "enter") askForHosts(Number(params.id));
  },
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/run/run-scene.tsx")),
    "RunScene",
  ),
});

const inventory = createRoute({
  getParentRoute: () => frame,
  path: "/inventory",
  validateSearch: (search: { query?: unknown } & SearchSchemaInput): { query?: string } =>
    typeof search.query === "string" ? { query: search.query } : {},
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/inventory/inventory.tsx")),
    "Inventory",
  ),
});

const host = createRoute({
  getParentRoute: () => frame,
  path: "/inventory/hosts/$id",
  beforeLoad: ({ params }) => requireNumber(params.id),
  notFoundComponent: () => <LostPlace />,
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/inventory/host-scene.tsx")),
    "HostScene",
  ),
});

const modules = createRoute({
  getParentRoute: () => frame,
  path: "/modules",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/modules/modules.tsx")),
    "Modules",
  ),
});

const module = createRoute({
  getParentRoute: () => frame,
  path: "/modules/$id",
  beforeLoad: ({ params }) => {
    if (params.id !== "new") requireNumber(params.id);
  },
  notFoundComponent: () => <LostPlace />,
  validateSearch: (search: Record<string, unknown>) => only("from", numberOf(search.from)),
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/modules/module-scene.tsx")),
    "ModuleScene",
  ),
});

const files = createRoute({
  getParentRoute: () => frame,
  path: "/files",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/files/files.tsx")),
    "Files",
  ),
});

const audit = createRoute({
  getParentRoute: () => frame,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) => ({
    ...only("actor", textOf(search.actor)),
    ...only("action", textOf(search.action)),
    ...only("text", textOf(search.text)),
    ...only("hour", numberOf(search.hour)),
  }),
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/audit/audit.tsx")),
    "Audit",
  ),
});

const shell = createRoute({
  getParentRoute: () => frame,
  path: "/audit/shell",
  validateSearch: (search: Record<string, unknown>) => ({
    ...only("query", textOf(search.query)),
    ...only("user", textOf(search.user)),
    ...only("text", textOf(search.text)),
    ...only("hour", numberOf(search.hour)),
  }),
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/audit/shell-commands.tsx")),
    "ShellCommands",
  ),
});

const users = createRoute({
  getParentRoute: () => frame,
  path: "/users",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/users/users.tsx")),
    "Users",
  ),
});

const controllers = createRoute({
  getParentRoute: () => frame,
  path: "/controllers",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/controllers/controllers.tsx")),
    "Controllers",
  ),
});

const settings = createRoute({
  getParentRoute: () => frame,
  path: "/settings",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/settings/settings.tsx")),
    "SettingsScene",
  ),
});

const parts = createRoute({
  getParentRoute: () => frame,
  path: "/settings/parts",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/parts/parts.tsx")),
    "Parts",
  ),
});

const account = createRoute({
  getParentRoute: () => frame,
  path: "/account",
  component: lazyRouteComponent(
    withSceneTexts(() => import("../scenes/account/account.tsx")),
    "Account",
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    frame.addChildren([
      operate,
      firstRun,
      runs,
      run,
      inventory,
      host,
      modules,
      module,
      files,
      audit,
      shell,
      users,
      controllers,
      settings,
      parts,
      account,
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingMs: 200,
  defaultErrorComponent: LostPlace,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function only<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

/** Runs, hosts and modules have whole numbers: at another address there is nothing. */
function requireNumber(id: string): void {
  if (!/^[1-9]\d{0,14}$/.test(id)) throw notFound();
}

/** A number in the address is text all the same. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
