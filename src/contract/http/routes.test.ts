import { expect, it } from "vitest";
import { z } from "zod";
import type { Route } from "./route.ts";
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

/** A misspelt `check` or `maxFailures` that was passed over would run for real, or without a limit. */
it("takes nothing that it does not know, anywhere in a body or query", () => {
  const open = Object.entries(routes).flatMap(([name, { body, query }]: [string, Route]) =>
    [body, query].flatMap((schema) => (schema === undefined ? [] : openObjects(schema, name))),
  );

  expect(open).toEqual([]);
});

it("takes plain decimal digits alone for a number in a path", () => {
  const numbers = Object.values(routes).flatMap(({ params }: Route) =>
    Object.values(params instanceof z.ZodObject ? params.shape : {}).filter((part) => part.safeParse("12").data === 12),
  );
  const taken = ["1e0", "0x1", "0b1", "+1", "-1", " 1", "1 ", "1.0", "1_0", "\u0661", "", "NaN"].filter((text) =>
    numbers.some((part) => part.safeParse(text).success),
  );

  expect(numbers.length).toBeGreaterThan(30);
  expect(taken).toEqual([]);
});

/** Where objects of a schema let unknown keys pass. */
function openObjects(schema: z.core.$ZodType, place: string): readonly string[] {
  if (schema instanceof z.ZodObject) {
    const own = schema.def.catchall instanceof z.ZodNever ? [] : [place];
    return [...own, ...Object.entries(schema.shape).flatMap(([key, inner]) => openObjects(inner, `${place}.${key}`))];
  }
  if (schema instanceof z.ZodArray) return openObjects(schema.element, `${place}[]`);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => openObjects(option, place));
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return openObjects(schema.unwrap(), place);
  return [];
}
