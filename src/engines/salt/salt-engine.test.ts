import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEngine, posixBehaviours } from "../../../test/testkit/engine-conformance.ts";
import { startSalt } from "../../../test/testkit/salt.ts";
import type { EngineHost } from "../../contract/engine.ts";
import { createSaltEngine } from "./salt-engine.ts";
import { saltSettings } from "./settings.ts";

const minions = ["web-1", "web-2", "db.example"];

function host(position: number, name: string): EngineHost {
  return { position, name, address: "127.0.0.1", port: 22, jumps: [] };
}

describeEngine(
  "salt",
  async () => {
    const salt = await startSalt({ minions });
    const folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
    const engine = createSaltEngine(
      saltSettings.parse({
        url: salt.url,
        caFile: salt.caFile,
        eauth: "file",
        user: salt.user,
        passwordFile: salt.passwordFile,
        fileRoot: salt.fileRoot,
        answerMilliseconds: 60_000,
      }),
    );
    return {
      engine,
      context: {
        credential: async () => {
          throw new Error("no credential is needed here");
        },
        hostKeys: { check: async () => "unknown" },
      },
      // Several hosts are one minion: a run has each of them once, but a minion takes as many jobs as it gets.
      hosts: (count) =>
        Array.from({ length: count }, (_, position) => host(position, minions[position % minions.length] ?? "")),
      unreachable: host(0, "gone"),
      behaviours: posixBehaviours,
      holdsBackAlone: true,
      posix: {
        folder,
        becomeUser: "nobody",
        contentFirst: true,
      },
      close: async () => {
        await engine.close();
        await salt.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  { timeout: 120_000 },
);
