import { describe, expect, it } from "vitest";
import { offeredEngines } from "./offered-engines.ts";

const engine = (id: string, usable: boolean) => ({ id, usable, version: "", reason: "", mend: "", warning: "" });

describe("the engines that can be chosen", () => {
  it("are those that the controllers have, each once, usable where one controller can use it", () => {
    const options = offeredEngines([
      { state: "enabled", engines: [engine("ssh", true), engine("salt", false)] },
      { state: "enabled", engines: [engine("ansible", false), engine("salt", true)] },
    ]);

    expect(options).toEqual([
      { id: "ssh", standing: "usable" },
      { id: "ansible", standing: "unusable" },
      { id: "salt", standing: "usable" },
    ]);
  });

  it("leave out what only a revoked controller had, and what nobody knows", () => {
    const options = offeredEngines([
      { state: "revoked", engines: [engine("func", true)] },
      { state: "enabled", engines: [engine("ssh", true), engine("telnet", true)] },
    ]);

    expect(options.map(({ id }) => id)).toEqual(["ssh"]);
  });

  it("show what is chosen already though no controller has it", () => {
    const options = offeredEngines([{ state: "enabled", engines: [engine("ssh", true)] }], ["mock", "ssh"]);

    expect(options).toEqual([
      { id: "ssh", standing: "usable" },
      { id: "mock", standing: "absent" },
    ]);
  });
});
