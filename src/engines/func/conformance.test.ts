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
      contentFirst: true,
    },
    close: async () => {
      await engine.close();
      await minion.stop();
    },
  };
});
