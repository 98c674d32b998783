import { describe, expect, it } from "vitest";
import { parseJumpHosts } from "./jump-hosts.ts";

describe("jump hosts", () => {
  it.each([
    ["", []],
    ["none", []],
    ["bastion", [{ user: "", address: "bastion", port: 22 }]],
    ["ops@10.0.0.1:2222", [{ user: "ops", address: "10.0.0.1", port: 2222 }]],
    ["[fd00::1]:2200", [{ user: "", address: "fd00::1", port: 2200 }]],
    ["fd00::1", [{ user: "", address: "fd00::1", port: 22 }]],
    [
      "ssh://a@b:1, c",
      [
        { user: "a", address: "b", port: 1 },
        { user: "", address: "c", port: 22 },
      ],
    ],
  ])("%j is read", (text, jumps) => {
    expect(parseJumpHosts(text)).toEqual(jumps);
  });

  it.each([
    ["-oProxyCommand=id", 0],
    ["a,-b", 2],
    ["a,", 2],
    ["a:0", 0],
    ["a:65536", 0],
    ["a:x", 0],
    ["-x@a", 0],
    ["a@b@c", 0],
    ["$(touch canary)", 0],
    ["a b", 0],
    ["a\nb", 0],
    ["[fd00::1", 0],
    ["a,b,c,d,e,f,g,h,i", 16],
  ])("%j is refused at offset %i", (text, offset) => {
    expect(parseJumpHosts(text)).toMatchObject({ offset });
  });
});
