import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,modules,test,bench}/**/*.test.ts", "console/**/*.test.{ts,tsx}"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
