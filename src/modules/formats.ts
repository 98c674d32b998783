import type { ParameterProperty } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";

const hostLabel = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
const ipv6 = /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/;
const lineBreak = /[\r\n\u2028\u2029]/;

/** What is wrong with a text by its format, as a message that follows the parameter's name; undefined when it is right. */
export function formatProblem(format: ParameterProperty["format"], text: string): string | undefined {
  if (format !== "multiline" && lineBreak.test(text)) return reasonText("value_one_line");
  switch (format) {
    case "file":
      return /^[0-9a-f]{64}$/.test(text) ? undefined : reasonText("file_hash");
    case "path":
      return pathProblem(text);
    case "hostname":
      return isHostName(text) ? undefined : reasonText("value_host_name");
    default:
      return undefined;
  }
}

/** A path that means the same place wherever it is used: absolute, of named parts only. */
export function pathProblem(text: string): string | undefined {
  if (!text.startsWith("/")) return reasonText("value_absolute");
  if (Buffer.byteLength(text) > 4095) return reasonText("value_path_long");
  if (text.split("/").some((part) => part === ".." || part === ".")) return reasonText("value_path_dots");
  return undefined;
}

function isHostName(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return ipv6.test(text) || text.split(".").every((label) => label.length <= 63 && hostLabel.test(label));
}
