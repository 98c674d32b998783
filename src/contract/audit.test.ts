import { expect, it } from "vitest";
import { type AuditPart, auditActions, auditParts, readAuditPart } from "./audit.ts";

it("has each action once", () => {
  expect(new Set(auditActions).size).toBe(auditActions.length);
});

it.each(Object.keys(auditParts) as AuditPart[])("finds what was meant again: %s", (code) => {
  const written = auditParts[code].replace(/\{\w+#\}/g, "42").replace(/\{(\w+)\}/g, "web-01");
  expect(readAuditPart(written)).toMatchObject({ code });
});

it("reads what records of any time say, and leaves alone what it does not know", () => {
  expect(readAuditPart("module restart-service version 3")).toEqual({
    code: "module_version",
    values: { key: "restart-service", version: "3" },
  });
  const names = Array.from({ length: 5000 }, (_, at) => `web${at}x`).join(",");
  expect(readAuditPart(`5000 hosts: ${names}`)?.values.names).toBe(names);
  expect(readAuditPart("/var/backups/om.backup")).toBeUndefined();
  expect(readAuditPart("127.0.0.1")).toBeUndefined();
});
