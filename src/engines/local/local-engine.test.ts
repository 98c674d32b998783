import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEngine, posixBehaviours } from "../../../test/testkit/engine-conformance.ts";
import { createLocalEngine } from "./local-engine.ts";

describeEngine("local", async () => {
  const engine = createLocalEngine();
  const folder = mkdtempSync(join(tmpdir(), "omserver-local-"));
  return {
    engine,
    context: {
      credential: async () => {
        throw new Error("no credential is needed here");
      },
      hostKeys: { check: async () => "unknown" },
    },
    hosts: (count) =>
      Array.from({ length: count }, (_, position) => ({
        position,
        name: `here-${position}`,
        address: "127.0.0.1",
        port: 22,
        jumps: [],
      })),
    behaviours: posixBehaviours,
    holdsBackAlone: true,
    posix: { folder, becomeUser: "nobody" },
    close: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
