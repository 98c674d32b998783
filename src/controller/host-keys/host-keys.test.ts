import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHostKeyStore, type HostKeyPolicy } from "./host-keys.ts";
import { parseKnownHosts } from "./known-hosts.ts";

function keyOf(name: string, type = "ssh-ed25519"): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(name)]);
}
const one = keyOf("one");
const two = keyOf("two");
const line = (names: string, key: Buffer) => `${names} ssh-ed25519 ${key.toString("base64")}`;

describe("a known_hosts file", () => {
  const salt = Buffer.from("01234567890123456789");
  const hashed = `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update("[10.0.0.9]:2222").digest("base64")}`;
  const known = parseKnownHosts(
    [
      "# comment",
      line("web1,10.0.0.1", one),
      line("[10.0.0.2]:2222", one),
      line(hashed, one),
      line("*.example.com,!bad.example.com", one),
      `@revoked ${line("gone", two)}`,
      `@cert-authority ${line("*", one)}`,
      "broken line",
    ].join("\n"),
  );
  const cases: [string, number, Buffer, string][] = [
    ["web1", 22, one, "trusted"],
    ["WEB1", 22, one, "trusted"],
    ["10.0.0.1", 22, one, "trusted"],
    ["10.0.0.1", 22, two, "changed"],
    ["10.0.0.1", 2222, one, "unknown"],
    ["10.0.0.2", 2222, one, "trusted"],
    ["10.0.0.9", 2222, one, "trusted"],
    ["10.0.0.9", 2222, two, "changed"],
    ["a.example.com", 22, one, "trusted"],
    ["bad.example.com", 22, one, "unknown"],
    ["gone", 22, two, "changed"],
    ["gone", 22, one, "unknown"],
    ["other", 22, one, "unknown"],
    ["10.0.0.1", 22, keyOf("one", "ecdsa-sha2-nistp256"), "changed"],
  ];
  it.each(cases)("tells of %s port %i", (address, port, key, verdict) => {
    expect(known.check(address, port, key)).toBe(verdict);
  });
});

describe("the controller's memory of host keys", () => {
  let folder: string;
  let policy: HostKeyPolicy;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "omserver-keys-"));
    policy = "accept_new";
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = () =>
    createHostKeyStore({
      file: join(folder, "known_hosts"),
      knownHostsFiles: [join(folder, "missing"), join(folder, "configured")],
      policy: () => policy,
    });

  it("refuses an unknown key under the strict policy and keeps nothing", async () => {
    policy = "strict";
    const keys = open();
    const record = () => Promise.reject(new Error("nothing is to be recorded"));

    expect(await keys.check("10.0.0.1", 22, one, record)).toBe("unknown");
    expect(await keys.check("10.0.0.1", 22, one, record)).toBe("unknown");
  });

  it("records a first use before it trusts, once for many at a time, and keeps it over a restart", async () => {
    const keys = open();
    const recorded: string[] = [];
    const record = async (text: string) => {
      await new Promise(setImmediate);
      recorded.push(text);
    };

    const verdicts = await Promise.all(Array.from({ length: 50 }, () => keys.check("10.0.0.1", 2222, one, record)));

    expect(verdicts.filter((verdict) => verdict === "trusted_first_use").length).toBe(1);
    expect(verdicts.filter((verdict) => verdict === "trusted").length).toBe(49);
    expect(recorded).toEqual([expect.stringMatching(/^\[10\.0\.0\.1\]:2222 ssh-ed25519 SHA256:[\w+/]{43}$/)]);
    expect(await open().check("10.0.0.1", 2222, one, record)).toBe("trusted");
    expect(await open().check("10.0.0.1", 2222, two, record)).toBe("changed");
  });

  it("trusts nothing when the record cannot be written", async () => {
    const keys = open();

    await expect(keys.check("10.0.0.1", 22, one, () => Promise.reject(new Error("disk full")))).rejects.toThrow(
      "disk full",
    );

    policy = "strict";
    expect(await keys.check("10.0.0.1", 22, one)).toBe("unknown");
  });

  it("reads the configured file besides, and anew when it was changed", async () => {
    policy = "strict";
    const keys = open();
    expect(await keys.check("10.0.0.1", 22, one)).toBe("unknown");

    writeFileSync(join(folder, "configured"), `${line("10.0.0.1", one)}\n`);

    await expect.poll(() => keys.check("10.0.0.1", 22, one), { timeout: 5000 }).toBe("trusted");
    expect(await keys.check("10.0.0.1", 22, two)).toBe("changed");
  });

  it("forgets a host, and only that one", async () => {
    const keys = open();
    const record = async () => undefined;
    for (const address of ["10.0.0.1", "10.0.0.11"]) await keys.check(address, 22, one, record);

    keys.forget("10.0.0.1", 22);

    policy = "strict";
    expect(await keys.check("10.0.0.1", 22, two)).toBe("unknown");
    expect(await keys.check("10.0.0.11", 22, one)).toBe("trusted");
    expect(readFileSync(join(folder, "known_hosts"), "utf8")).toBe(`${line("10.0.0.11", one)}\n`);
  });

  it("never writes a name that could be a line of its own", async () => {
    const keys = open();
    expect(await keys.check(`10.0.0.1\n* ssh-ed25519 AAAA`, 22, one, async () => undefined)).toBe("unknown");
  });
});
