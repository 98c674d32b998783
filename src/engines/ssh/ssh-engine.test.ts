import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEngine, posixBehaviours } from "../../../test/testkit/engine-conformance.ts";
import { startSshd } from "../../../test/testkit/sshd.ts";
import { createSshEngine } from "./ssh-engine.ts";

describeEngine("ssh", async () => {
  const sshd = await startSshd();
  const engine = createSshEngine();
  const folder = mkdtempSync(join(tmpdir(), "omserver-ssh-"));
  const host = (position: number) => ({
    position,
    name: `host-${position}`,
    address: sshd.address(position),
    port: sshd.port,
    credential: "key",
    jumps: [],
  });
  return {
    engine,
    context: {
      credential: async () => ({ kind: "key", privateKey: sshd.privateKey }),
      hostKeys: { check: async (_address, _port, key) => (sshd.hostKey.equals(key) ? "trusted" : "changed") },
    },
    hosts: (count) => Array.from({ length: count }, (_, position) => host(position)),
    unreachable: { ...host(0), name: "down", port: 1 },
    behaviours: posixBehaviours,
    holdsBackAlone: true,
    posix: { folder, becomeUser: "nobody" },
    kept: sshd.kept,
    close: async () => {
      await engine.close();
      await sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
