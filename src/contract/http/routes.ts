import { accessRoutes } from "./routes/access.ts";
import { auditRoutes } from "./routes/audit.ts";
import { credentialsRoutes } from "./routes/credentials.ts";
import { filesRoutes } from "./routes/files.ts";
import { inventoryRoutes } from "./routes/inventory.ts";
import { modulesRoutes } from "./routes/modules.ts";
import { platformRoutes } from "./routes/platform.ts";
import { runsRoutes } from "./routes/runs.ts";

/**
 * Every route of the public API, by name, in routes/ a file for each tag. The console, the CLI, the OpenAPI document and
 * the denial tests come from it.
 */
export const routes = {
  ...accessRoutes,
  ...inventoryRoutes,
  ...platformRoutes,
  ...modulesRoutes,
  ...filesRoutes,
  ...runsRoutes,
  ...auditRoutes,
  ...credentialsRoutes,
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
