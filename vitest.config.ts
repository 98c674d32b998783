import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,modules,test,bench}/**/*.test.ts", "console/**/*.test.{ts,tsx}"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // What is awaited may take its time on a busy machine: slow is not wrong.
    expect: { poll: { timeout: 20_000 } },
  },
});
