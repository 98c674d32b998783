import { expect, it } from "vitest";
import { ownAddress } from "./own-address.ts";

it.each(["om.example", "om.example:8443", "127.0.0.1:7070", "[::1]:7070", "om-1", "om_web:7070"])(
  "%s is named as it was reached",
  (host) => {
    expect(ownAddress({ protocol: "https", host }, undefined)).toBe(`https://${host}`);
  },
);

it.each([
  "",
  "om.example'; touch canary; '",
  "om.example$(touch canary)",
  "$&",
  "om.example/path",
  "user@om.example",
  "om.example:port",
  "-om.example",
  "om.example\n",
  "a".repeat(300),
])("%j is refused, as what is handed out would carry it", (host) => {
  expect(() => ownAddress({ protocol: "http", host }, undefined)).toThrow(
    expect.objectContaining({ code: "request.invalid" }),
  );
});

it("the configured address is named, whatever the request says", () => {
  expect(ownAddress({ protocol: "http", host: "'" }, "https://om.example")).toBe("https://om.example");
});
