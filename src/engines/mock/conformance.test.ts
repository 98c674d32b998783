import { describeEngine } from "../../../test/testkit/engine-conformance.ts";
import type { EngineHost, Task } from "../../contract/engine.ts";
import { createMockEngine } from "./mock-engine.ts";

function mock(...words: string[]): Task {
  return { kind: "command", argv: ["mock", ...words], environment: {}, secretNames: [] };
}

function host(position: number, name: string): EngineHost {
  return { position, name, address: "192.0.2.1", port: 22, jumps: [] };
}

describeEngine("mock", async () => {
  const engine = createMockEngine({ hosts: { gone: ["unreachable"] } });
  return {
    engine,
    context: {
      credential: () => Promise.reject(new Error("The mock engine needs no credential.")),
      hostKeys: { check: async () => "trusted" },
    },
    hosts: (count) => Array.from({ length: count }, (_, position) => host(position, `web${position + 1}`)),
    unreachable: host(0, "gone"),
    many: 10_000,
    holdsBackAlone: true,
    behaviours: {
      exit: (code) => mock(`exit=${code}`),
      print: (stdout, stderr) => mock(`stdout=${stdout}`, `stderr=${stderr}`),
      flood: (bytes) => mock(`bytes=${bytes}`),
      hang: () => mock("hang"),
    },
    close: () => engine.close(),
  };
});
