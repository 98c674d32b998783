import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OmError } from "../contract/errors.ts";
import { addressOf, readConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "omserver-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(OmError);
    expect((error as OmError).code).toBe("config.invalid");
    return (error as OmError).message;
  }
  throw new Error("it was accepted");
}

describe("readConfig", () => {
  it("has a default for everything", () => {
    const config = readConfig({});

    expect(config.listen).toEqual({ address: "127.0.0.1", port: 7070 });
    expect(config.publicUrl).toBeUndefined();
    expect(addressOf(config)).toBe("http://127.0.0.1:7070");
    expect(config.database).toEqual({ kind: "sqlite", file: join(config.dataFolder, "omserver.db") });
  });

  it.each([
    [{ OMSERVER_LISTEN: "[::1]:8080" }, "http://[::1]:8080"],
    [{ OMSERVER_LISTEN: "0.0.0.0:80", OMSERVER_PUBLIC_URL: "https://om.example.org/" }, "https://om.example.org"],
  ])("knows where people find it: %j", (environment, address) => {
    expect(addressOf(readConfig(environment))).toBe(address);
  });

  it("lets the environment override the file, and a flag both", () => {
    const path = file("a.yaml", "listen: 127.0.0.1:1\nlogLevel: warn\ndataFolder: /a\n");

    const config = readConfig({ OMSERVER_LISTEN: "127.0.0.1:2", OMSERVER_DATA: "/b" }, path, { dataFolder: "/c" });

    expect(config.listen.port).toBe(2);
    expect(config.logLevel).toBe("warn");
    expect(config.dataFolder).toBe("/c");
  });

  it("reads the database from a URL and its password from a file", () => {
    const secret = file("secret", "p@ss word\n");

    const config = readConfig({
      OMSERVER_DATABASE_URL: "mysql://om@[::1]:3307/fleet",
      OMSERVER_DATABASE_PASSWORD_FILE: secret,
    });

    expect(config.database).toEqual({
      kind: "mysql",
      host: "::1",
      port: 3307,
      user: "om",
      password: "p@ss word",
      database: "fleet",
    });
  });

  it("reads how the way to the database is encrypted, from the URL or the file", () => {
    const caFile = file("ca.pem", "the authorities");
    const path = file("tls.yaml", `database: {kind: postgres, host: db1, tls: {caFile: ${caFile}, verify: ca}}`);
    const url = `postgres://om@db1/om?tls=full&caFile=${encodeURIComponent(caFile)}`;

    expect(readConfig({}, path).database).toMatchObject({ tls: { ca: "the authorities", verify: "ca" } });
    expect(readConfig({ OMSERVER_DATABASE_URL: url }).database).toMatchObject({
      tls: { ca: "the authorities", verify: "full" },
    });
    expect(readConfig({ OMSERVER_DATABASE_URL: "mysql://om@db1/om" }).database).not.toHaveProperty("tls");
    for (const wrong of ["sslmode=disable", "tls=no", "caFile=/nowhere"]) {
      expect(refusal(() => readConfig({ OMSERVER_DATABASE_URL: `mysql://om@db1/om?${wrong}` }))).toMatch(
        /sslmode|database\.tls\.verify|nowhere/,
      );
    }
  });

  it("reads where controllers connect, and what a controller dials", () => {
    const web = readConfig({ OMSERVER_LINK_LISTEN: "[::]:7443", OMSERVER_LINK_URL: "https://web:7443/" });
    const controller = readConfig({ OMSERVER_WEB_SERVERS: "https://web1:7443, https://web2:7443/" });

    expect(web).toMatchObject({ linkListen: { address: "::", port: 7443 }, linkUrl: "https://web:7443" });
    expect(controller.webServers).toEqual(["https://web1:7443", "https://web2:7443"]);
    expect(readConfig({}).linkListen).toBeUndefined();
  });

  it.each([
    ["an unknown setting", "colour: red", "colour"],
    ["a setting that another kind of database has", "database: {kind: sqlite, host: db1}", "host"],
    ["a listen address without a port", "listen: 127.0.0.1", "listen"],
    ["a port beyond the last", "listen: 127.0.0.1:70000", "70000"],
    ["a public URL that is none", "publicUrl: ftp://x", "publicUrl"],
    ["a link address without a port", "linkListen: 0.0.0.0", "linkListen"],
    ["a link that is not encrypted", "linkUrl: http://web:7443", "linkUrl"],
    ["a web server that is none", "webServers: [web]", "webServers"],
    ["a list instead of settings", "- a", "name: value"],
    ["text that is no YAML", "a: [", "cannot be read"],
  ])("refuses %s and names it", (_, text, named) => {
    const path = file("bad.yaml", text);

    expect(refusal(() => readConfig({}, path))).toContain(named);
  });

  it.each([
    ["lisen: 127.0.0.1:1", "“lisen” is not valid: there is no such setting; “listen” is meant, perhaps."],
    [
      "database: {kind: mysql, pasword: x}",
      "“database.pasword” is not valid: there is no such setting; “database.password”",
    ],
    [
      "database: {kind: mysql, tls: {cafile: x}}",
      "“database.tls.cafile” is not valid: there is no such setting; “database.tls.caFile”",
    ],
    ["engines: {slat: {}}", "“engines.slat” is not valid: there is no such setting; “engines.salt”"],
    ["engines: {salt: {ulr: x}}", "“engines.salt.ulr”"],
    ["colour: red", "“colour” is not valid: there is no such setting. See docs/operators.md."],
  ])("names a setting that does not exist, and the nearest that does: %s", (text, told) => {
    expect(refusal(() => readConfig({}, file("unknown.yaml", text)))).toContain(told);
  });

  it.each([
    ["OMSERVER_TRUST_PROXY", "perhaps"],
    ["OMSERVER_DATABASE_URL", "oracle://x/y"],
  ])("refuses a value of %s that it does not know", (name, value) => {
    expect(refusal(() => readConfig({ [name]: value }))).toContain(name);
  });

  it("has every environment name in the operators' guide, and no other", () => {
    const source = readFileSync(new URL("./config.ts", import.meta.url), "utf8");
    const guide = readFileSync(new URL("../../docs/operators.md", import.meta.url), "utf8");
    const names = (text: string) => [...new Set(text.match(/OMSERVER_[A-Z_]+/g))].sort();

    expect(names(guide)).toEqual(names(source));
  });
});
