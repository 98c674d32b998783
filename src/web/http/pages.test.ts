import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { errorCatalogue } from "../../contract/errors.ts";
import type { Route } from "../../contract/http/route.ts";
import { routes } from "../../contract/http/routes.ts";
import { recordQuery } from "./development.ts";

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

describe("pages and documents", () => {
  let web: TestWeb;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "omserver-console-"));
    await mkdir(join(folder, "console/assets"), { recursive: true });
    await writeFile(join(folder, "secret.txt"), "canary-secret");
    await writeFile(join(folder, "console/index.html"), "<!doctype html><title>console</title>");
    await writeFile(join(folder, "console/favicon.svg"), "<svg/>");
    await writeFile(join(folder, "console/.env"), "canary-secret");
    await writeFile(join(folder, "console/assets/main-abc123.js"), "export {};");
    await writeFile(join(folder, "console/assets/main-abc123.js.gz"), gzipSync("export {};"));
    web = await startWeb({ config: { consoleFolder: join(folder, "console") } });
  });
  afterAll(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}) => web.call("GET", `/${path}`, { headers });

  it("serves the console at every address of its own, and only to who navigates there", async () => {
    for (const path of ["/", "/runs/7", "/sign-in", "/hosts?query=web"]) {
      const response = await get(path, html);
      expect([path, response.status, await response.text()]).toEqual([path, 200, expect.stringContaining("console")]);
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
    for (const path of ["/nothing.js", "/assets/old-123.js", "/api/v1/nothing", "/api/nothing", "/api"]) {
      expect([path, (await get(path, html)).status]).toEqual([path, 404]);
    }
    expect((await get("/runs/7", { accept: "application/json" })).status).toBe(404);
    expect((await web.call("POST", "//runs/7", { headers: html })).status).toBe(404);
  });

  it("lets a hashed file be kept for a year and nothing else", async () => {
    expect((await get("/assets/main-abc123.js")).headers.get("cache-control")).toBe(
      "public, max-age=31536000, immutable",
    );
    expect((await get("/favicon.svg")).headers.get("cache-control")).toBe("no-cache");
    expect((await get("/favicon.svg")).headers.get("content-type")).toBe("image/svg+xml");
  });

  it("sends a file as the build has compressed it to who takes that, and else as it is", async () => {
    const path = "/assets/main-abc123.js";
    const compressed = await get(path, { "accept-encoding": "gzip" });
    const plain = await get(path, { "accept-encoding": "identity" });

    expect([compressed.headers.get("content-encoding"), plain.headers.get("content-encoding")]).toEqual(["gzip", null]);
    expect([await compressed.text(), await plain.text()]).toEqual(["export {};", "export {};"]);
    for (const { headers } of [compressed, plain]) {
      expect(headers.get("vary")).toContain("accept-encoding");
      expect(headers.get("content-type")).toBe("application/javascript; charset=utf-8");
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
    const uncompressed = await get("/favicon.svg", { "accept-encoding": "gzip" });
    expect([uncompressed.headers.get("content-encoding"), await uncompressed.text()]).toEqual([null, "<svg/>"]);
  });

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/..%5csecret.txt",
    "//etc/passwd",
    "/.env",
    "/assets/%00.js",
    "/%c0%ae%c0%ae/secret.txt",
  ])("does not leave its folder: %s", async (path) => {
    // A raw request: fetch would tidy the path up before it leaves.
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
      let text = "";
      socket.on("data", (data) => {
        text += data.toString();
      });
      socket.on("end", () => resolve(text));
      socket.on("error", reject);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/canary-secret|root:/);
  });

  it("sends the same strict headers with everything", async () => {
    for (const path of [
      "/",
      "/assets/main-abc123.js",
      "/api/docs",
      "/api/docs/page.js",
      "/api/v1/status",
      "/healthz",
    ]) {
      const { headers } = await get(path, html);
      const csp = headers.get("content-security-policy") ?? "";
      expect([path, csp]).toEqual([path, expect.stringContaining("default-src 'self'")]);
      expect(csp).toContain("frame-ancestors 'none'");
      expect(csp).not.toMatch(/unsafe|\*|data:|https?:/);
      expect(Object.fromEntries(headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("server")).toBeNull();
    }
    expect((await get("/api/v1/status")).headers.get("cache-control")).toBe("no-store");
  });

  it("says whether it lives and whether its database answers", async () => {
    expect((await get("/healthz")).status).toBe(200);
    for (const path of ["/", "/healthz", "/readyz"]) {
      const head = await fetch(web.url + path, { method: "HEAD" });
      expect([path, head.status, await head.text()]).toEqual([path, 200, ""]);
    }
    expect((await get("/readyz")).status).toBe(200);
    const broken = await startWeb({
      wrap: (store) => ({ ...store, users: { ...store.users, count: () => Promise.reject(new Error("gone")) } }),
    });
    expect((await broken.call("GET", "//healthz")).status).toBe(200);
    expect((await broken.call("GET", "//readyz")).status).toBe(503);
    await broken.close();
  });

  it("says how to build a console that is not there", async () => {
    const bare = await startWeb();
    const response = await bare.call("GET", "//", { headers: html });
    expect(await response.text()).toContain("npm run build");
    await bare.close();
  });

  it("describes every route in OpenAPI 3.1 with its permission, and no other", async () => {
    type Operation = Record<string, unknown> & { responses: Record<string, unknown> };
    const api = (await (await get("/api/v1/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
      "x-errors": { code: string }[];
    };
    expect(api.openapi).toBe("3.1.0");
    const described = Object.entries(api.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        operation.operationId,
        method,
        path,
        operation["x-permission"],
      ]),
    );
    const expected = Object.entries(routes as Record<string, Route>).map(([name, { method, path, permission }]) => [
      name,
      method.toLowerCase(),
      `/api/v1${path.replace(/:(\w+)/g, "{$1}")}`,
      permission,
    ]);
    expect(described.sort()).toEqual(expected.sort());
    const operations = Object.values(api.paths).flatMap((each) => Object.values(each));
    for (const operation of operations) {
      expect(operation.responses.default).toEqual({ $ref: "#/components/responses/Problem" });
      expect(operation.security).toHaveLength(operation["x-permission"] === "public" ? 0 : 2);
    }
    expect(api["x-errors"].map(({ code }) => code)).toEqual(Object.keys(errorCatalogue));
    const text = JSON.stringify(api.paths["/api/v1/hosts"]?.post);
    expect(text).toContain('"maximum":65535');
    expect(JSON.stringify(api.paths["/api/v1/files"]?.post?.requestBody)).toContain("application/octet-stream");
    expect(JSON.stringify(api.paths["/api/v1/runs/{id}/live"]?.get?.responses)).toContain("text/event-stream");
  });

  it("serves a readable page of it that loads nothing from elsewhere and holds nothing inline", async () => {
    const page = await (await get("/api/docs")).text();
    expect(page).not.toMatch(/https?:\/\/|<style|style=|\son\w+=/);
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([source, (await get(String(source))).status]).toEqual([source, 200]);
    }
    expect([...page.matchAll(/<script[^>]*>([^<]*)</g)].map(([, inline]) => inline)).toEqual([""]);
    const script = await (await get("/api/docs/page.js")).text();
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|eval\(|new Function|https?:\/\//);
  });

  it("has no development helpers in production", async () => {
    expect((await get("/api/v1/__development/requests", html)).status).toBe(404);
    const { headers } = await get("/api/v1/status");
    expect(headers.get("server-timing")).toBeNull();
  });
});

describe("in development", () => {
  it("tells with every API answer how long it took and which SQL it ran, and never a value", async () => {
    const web = await startWeb({ config: { development: true }, onQuery: recordQuery });
    try {
      const token = await web.apiToken(await web.user("ada", "viewer"));
      const response = await web.call("GET", "/files", { token });
      expect(response.headers.get("server-timing")).toMatch(
        /^total;dur=[\d.]+, sql;dur=[\d.]+;desc="[2-9] statements"$/,
      );

      const id = response.headers.get("x-request-id");
      const told = await web.call("GET", `/__development/requests?id=${id}`, { token });
      const { requests } = (await told.json()) as { requests: { statements: { sql: string }[] }[] };
      expect(requests).toMatchObject([{ id, method: "GET", url: "/api/v1/files", status: 200 }]);
      const sql = requests[0]?.statements.map((statement) => statement.sql).join("\n") ?? "";
      expect(sql).toMatch(/from "token" .*\?/);
      expect(sql).not.toContain(token);
      expect((await web.call("GET", "/__development/requests")).status).toBe(401);
    } finally {
      await web.close();
    }
  });

  it("keeps the statements of requests that run at the same time apart", async () => {
    const web = await startWeb({ config: { development: true }, onQuery: recordQuery });
    try {
      const token = await web.apiToken(await web.user("ada", "viewer"));
      await Promise.all(["/files", "/modules", "/credentials"].map((path) => web.call("GET", path, { token })));
      const told = await (await web.call("GET", "/__development/requests", { token })).json();
      const { requests } = told as { requests: { url: string; statements: { sql: string }[] }[] };
      for (const [url, table] of [
        ["/files", "library_file"],
        ["/credentials", "credential"],
      ] as const) {
        const sql = requests
          .find((each) => each.url.endsWith(url))
          ?.statements.map((each) => each.sql)
          .join("\n");
        expect([url, sql]).toEqual([url, expect.stringContaining(table)]);
        expect(sql).not.toContain('from "module"');
      }
    } finally {
      await web.close();
    }
  });
});
