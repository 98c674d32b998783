import type { ParameterProperty } from "../contract/module.ts";

const hostLabel = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
const ipv6 = /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/;
const lineBreak = /[\r\n\u2028\u2029]/;

/** What is wrong with a text by its format, as a message that follows the parameter's name; undefined when it is right. */
export function formatProblem(format: ParameterProperty["format"], text: string): string | undefined {
  if (format !== "multiline" && lineBreak.test(text)) return "must be one line";
  switch (format) {
    case "file":
      return /^[0-9a-f]{64}$/.test(text) ? undefined : "must be the SHA-256 (64 hex digits) of a library file";
    case "path":
      return pathProblem(text);
    case "hostname":
      return isHostName(text) ? undefined : "must be a host name or an IP address";
    default:
      return undefined;
  }
}

/** A path that means the same place wherever it is used: absolute, of named parts only. */
export function pathProblem(text: string): string | undefined {
  if (!text.startsWith("/")) return "must be an absolute path (begin with “/”)";
  if (Buffer.byteLength(text) > 4095) return "must be at most 4,095 bytes long";
  if (text.split("/").some((part) => part === ".." || part === ".")) return "must not contain “.” or “..” as a part";
  return undefined;
}

function isHostName(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return ipv6.test(text) || text.split(".").every((label) => label.length <= 63 && hostLabel.test(label));
}
