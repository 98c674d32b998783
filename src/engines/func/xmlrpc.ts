import { reasonText } from "../../contract/reasons.ts";
/**
 * XML-RPC as Python 2.7's xmlrpclib speaks it: integers of 32 bits, base64 for bytes, no nil from us.
 * What comes back is data and nothing else: no document type, no entities of its own, bounded in depth and number.
 */
export type XmlRpcValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly XmlRpcValue[]
  | { readonly [name: string]: XmlRpcValue };

export type MethodResponse =
  | { readonly kind: "value"; readonly value: XmlRpcValue }
  | { readonly kind: "fault"; readonly code: number; readonly message: string };

/** The answer is not XML-RPC. The message says what of it, in one clause without a full stop. */
export class MalformedAnswer extends Error {}

/** A request's body. Throws when a text holds a character that XML 1.0 cannot carry. */
export function methodCall(method: string, parameters: readonly XmlRpcValue[]): string {
  const params = parameters.map((value) => `<param>${valueXml(value)}</param>`).join("");
  return `<?xml version='1.0'?>\n<methodCall><methodName>${textXml(method)}</methodName><params>${params}</params></methodCall>\n`;
}

function valueXml(value: XmlRpcValue): string {
  return `<value>${typeXml(value)}</value>`;
}

function typeXml(value: XmlRpcValue): string {
  if (value === null) throw new Error(reasonText("func_empty_value"));
  if (typeof value === "string") return `<string>${textXml(value)}</string>`;
  if (typeof value === "boolean") return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === "number") return numberXml(value);
  if (value instanceof Uint8Array) return `<base64>${Buffer.from(value).toString("base64")}</base64>`;
  if (Array.isArray(value)) return `<array><data>${value.map(valueXml).join("")}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${textXml(name)}</name>${valueXml(member)}</member>`,
  );
  return `<struct>${members.join("")}</struct>`;
}

function numberXml(value: number): string {
  if (Number.isInteger(value)) {
    if (value >= -(2 ** 31) && value < 2 ** 31) return `<int>${value}</int>`;
    throw new Error(reasonText("func_number_large", { value }));
  }
  if (Number.isFinite(value)) return `<double>${value}</double>`;
  throw new Error(reasonText("func_number_finite"));
}

function textXml(text: string): string {
  if (!isXmlText(text)) {
    throw new Error(reasonText("func_control_character"));
  }
  return text.replaceAll(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Whether XML 1.0 can carry it. */
export function isXmlText(text: string): boolean {
  return text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text);
}
