import { expect, it } from "vitest";
import { accessRoutes } from "./routes/access.ts";
import { auditRoutes } from "./routes/audit.ts";
import { credentialsRoutes } from "./routes/credentials.ts";
import { filesRoutes } from "./routes/files.ts";
import { inventoryRoutes } from "./routes/inventory.ts";
import { modulesRoutes } from "./routes/modules.ts";
import { platformRoutes } from "./routes/platform.ts";
import { runsRoutes } from "./routes/runs.ts";
import { routes } from "./routes.ts";

const byTag = {
  access: accessRoutes,
  inventory: inventoryRoutes,
  platform: platformRoutes,
  modules: modulesRoutes,
  files: filesRoutes,
  runs: runsRoutes,
  audit: auditRoutes,
  credentials: credentialsRoutes,
};

it("has every route once, in the file of its tag", () => {
  const names = Object.values(byTag).flatMap((some) => Object.keys(some));
  const misplaced = Object.entries(byTag).flatMap(([tag, some]) =>
    Object.values(some).filter((route) => route.tag !== tag),
  );

  expect(names.toSorted()).toEqual(Object.keys(routes).toSorted());
  expect(new Set(Object.values(routes).map(({ method, path }) => `${method} ${path}`)).size).toBe(names.length);
  expect(misplaced).toEqual([]);
});
