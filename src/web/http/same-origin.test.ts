import { describe, expect, it } from "vitest";
import { foreignReason } from "./same-origin.ts";

describe("whether a request comes from a foreign page", () => {
  const ownOrigins = ["https://om.example"];
  const cookie = { origin: undefined, site: undefined, byCookie: true, ownOrigins };

  it.each([
    ["reads by cookie without an Origin, as a browser does", { ...cookie, method: "GET" }, false],
    ["changes by cookie from our own page", { ...cookie, method: "POST", origin: "https://om.example" }, false],
    ["changes by cookie, and the browser says from here", { ...cookie, method: "POST", site: "same-origin" }, false],
    ["changes by token without an Origin, as a script does", { ...cookie, method: "POST", byCookie: false }, false],
    ["is typed into the address bar", { ...cookie, method: "GET", site: "none" }, false],
    ["changes by cookie and does not say whence", { ...cookie, method: "POST" }, true],
    ["changes by cookie, typed into the address bar", { ...cookie, method: "POST", site: "none" }, true],
    ["comes from elsewhere", { ...cookie, method: "GET", origin: "https://evil.example" }, true],
    ["comes from a sandboxed frame", { ...cookie, method: "POST", origin: "null" }, true],
    ["comes from our name by http", { ...cookie, method: "POST", origin: "http://om.example" }, true],
    ["comes from another port of ours", { ...cookie, method: "POST", origin: "https://om.example:8443" }, true],
    ["comes from a name that begins like ours", { ...cookie, method: "POST", origin: "https://om.example.evil" }, true],
    ["comes from a neighbour in the domain", { ...cookie, method: "GET", site: "same-site" }, true],
    ["comes from elsewhere by token", { ...cookie, method: "POST", byCookie: false, origin: "https://evil" }, true],
  ])("%s", (_what, check, foreign) => {
    expect(foreignReason(check) !== undefined).toBe(foreign);
  });

  it("is told with each of our addresses once", () => {
    const check = {
      ...cookie,
      method: "GET",
      origin: "https://evil.example",
      ownOrigins: [...ownOrigins, ...ownOrigins],
    };
    expect(foreignReason(check)).toMatch(/this server is https:\/\/om\.example\. If/);
  });
});
