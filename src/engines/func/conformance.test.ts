import { describeEngine, posixBehaviours } from "../../../test/testkit/engine-conformance.ts";
import { startMinion } from "../../../test/testkit/func.ts";
import { createFuncEngine } from "./func-engine.ts";

describeEngine("func", async () => {
  const minion = await startMinion();
  const engine = createFuncEngine(minion.settings());
  const host = (position: number) => ({
    position,
    name: minion.name,
    address: minion.address(position),
    port: 22,
    jumps: [],
  });
  return {
    engine,
    context: {
      credential: async () => {
        throw new Error("Func signs in by certificate");
      },
      hostKeys: { check: async () => "unknown" },
    },
    hosts: (count) => Array.from({ length: count }, (_, position) => host(position)),
    unreachable: { ...host(0), name: "another.test" },
    behaviours: posixBehaviours,
    posix: {
      folder: minion.folder,
      becomeUser: "nobody",
      // A command takes its time on a minion: the codes at the borders, and those that wrappers use themselves.
      exitCodes: [0, 1, 2, 3, 63, 64, 119, 124, 125, 126, 127, 128, 129, 130, 137, 143, 200, 254, 255],
      contentFirst: true,
    },
    close: async () => {
      await engine.close();
      await minion.stop();
    },
  };
});
