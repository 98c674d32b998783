import { SaxesParser } from "saxes";

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

const deepest = 64;
const mostElements = 200_000;

/** A request's body. Throws when a text holds a character that XML 1.0 cannot carry. */
export function methodCall(method: string, parameters: readonly XmlRpcValue[]): Buffer {
  const params = parameters.map((value) => `<param>${valueXml(value)}</param>`).join("");
  return Buffer.from(
    `<?xml version='1.0'?>\n<methodCall><methodName>${textXml(method)}</methodName><params>${params}</params></methodCall>\n`,
  );
}

function valueXml(value: XmlRpcValue): string {
  return `<value>${typeXml(value)}</value>`;
}

function typeXml(value: XmlRpcValue): string {
  if (value === null) throw new Error("An empty value cannot be sent to a Func minion.");
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
    throw new Error(`The number ${value} does not fit the 32 bits of a Func minion's integers.`);
  }
  if (Number.isFinite(value)) return `<double>${value}</double>`;
  throw new Error("A Func minion takes finite numbers only.");
}

function textXml(text: string): string {
  if (!isXmlText(text)) {
    throw new Error("A text holds a control character that XML 1.0, and so a Func minion, cannot take.");
  }
  return text.replaceAll(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Whether XML 1.0 can carry it. */
export function isXmlText(text: string): boolean {
  return text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text);
}

/** What may stand in what. `value` takes one typed element or plain text. */
const children: Readonly<Record<string, readonly string[]>> = {
  methodResponse: ["params", "fault"],
  params: ["param"],
  param: ["value"],
  fault: ["value"],
  value: ["int", "i4", "i8", "boolean", "string", "double", "base64", "dateTime.iso8601", "nil", "array", "struct"],
  array: ["data"],
  data: ["value"],
  struct: ["member"],
  member: ["name", "value"],
};

interface Frame {
  readonly name: string;
  text: string;
  /** Of `value`: what its typed element became. */
  value?: XmlRpcValue;
  items?: XmlRpcValue[];
  entries?: [string, XmlRpcValue][];
  memberName?: string;
}

/** Reads an answer. Throws {@link MalformedAnswer} when it is none. */
export function readMethodResponse(body: Uint8Array): MethodResponse {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const stack: Frame[] = [];
  let elements = 0;
  let answer: MethodResponse | undefined;

  function refuse(what: string): never {
    throw new MalformedAnswer(what);
  }
  parser.on("error", () => refuse("its answer is not well-formed XML"));
  parser.on("doctype", () => refuse("its answer declares a document type, which XML-RPC has none of"));
  parser.on("processinginstruction", () => refuse("its answer holds a processing instruction"));
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("opentag", ({ name }) => {
    elements += 1;
    if (elements > mostElements) refuse(`its answer holds more than ${mostElements.toLocaleString("en")} elements`);
    if (stack.length >= deepest) refuse(`its answer is nested deeper than ${deepest} levels`);
    const parent = stack.at(-1);
    const allowed = parent === undefined ? ["methodResponse"] : (children[parent.name] ?? []);
    if (!allowed.includes(name)) refuse(`its answer has <${name.slice(0, 40)}> in a place where XML-RPC has none`);
    if (parent?.name === "value" && parent.value !== undefined) refuse("its answer has a value with two contents");
    stack.push({ name, text: "" });
  });
  parser.on("closetag", () => {
    const frame = stack.pop();
    if (frame === undefined) return;
    const parent = stack.at(-1);
    if (frame.name === "param" || frame.name === "fault") answer ??= responseOf(frame);
    else if (frame.name === "value") giveValue(parent, frame.value === undefined ? frame.text : frame.value);
    else if (frame.name === "name" && parent) parent.memberName = frame.text;
    else if (frame.name === "member") giveMember(parent, frame);
    else if (frame.name === "data" && parent) parent.items = frame.items ?? [];
    else if (parent?.name === "value") parent.value = typedValue(frame);
  });
  function addText(text: string): void {
    const frame = stack.at(-1);
    if (frame !== undefined) frame.text += text;
  }

  parser.write(decodeText(body)).close();
  return answer ?? refuse("its answer holds no value");
}

function giveValue(parent: Frame | undefined, value: XmlRpcValue): void {
  if (parent === undefined) return;
  if (parent.name !== "data") {
    parent.value = value;
    return;
  }
  parent.items ??= [];
  parent.items.push(value);
}

function giveMember(parent: Frame | undefined, { memberName, value }: Frame): void {
  if (parent === undefined || memberName === undefined || value === undefined) {
    throw new MalformedAnswer("its answer has a struct's member without name or value");
  }
  parent.entries ??= [];
  parent.entries.push([memberName, value]);
}

function typedValue(frame: Frame): XmlRpcValue {
  const text = frame.text.trim();
  switch (frame.name) {
    case "int":
    case "i4":
    case "i8":
      if (!/^[+-]?\d{1,20}$/.test(text)) throw new MalformedAnswer("its answer has an integer that is none");
      return Number(text);
    case "double": {
      const number = Number(text);
      if (text === "" || Number.isNaN(number)) throw new MalformedAnswer("its answer has a number that is none");
      return number;
    }
    case "boolean":
      if (text !== "0" && text !== "1") throw new MalformedAnswer("its answer has a boolean that is none");
      return text === "1";
    case "base64":
      if (!/^[A-Za-z0-9+/=\s]*$/.test(text)) throw new MalformedAnswer("its answer has base64 that is none");
      return Buffer.from(text, "base64");
    case "nil":
      return null;
    case "array":
      return frame.items ?? [];
    case "struct":
      // fromEntries defines properties, so that a member named __proto__ is one like any other.
      return Object.fromEntries(frame.entries ?? []);
    default:
      return frame.text;
  }
}

function responseOf(frame: Frame): MethodResponse {
  const { value } = frame;
  if (value === undefined) throw new MalformedAnswer("its answer holds no value");
  if (frame.name === "param") return { kind: "value", value };
  const fault = value !== null && typeof value === "object" ? (value as Record<string, XmlRpcValue>) : {};
  return { kind: "fault", code: Number(fault.faultCode ?? 0), message: String(fault.faultString ?? "") };
}

const wellFormedUtf8 = new TextDecoder("utf-8", { fatal: true });
const utf8Sequences =
  /[\u00c2-\u00df][\u0080-\u00bf]|\u00e0[\u00a0-\u00bf][\u0080-\u00bf]|[\u00e1-\u00ef][\u0080-\u00bf]{2}|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2}/g;

/**
 * An old minion puts what a program printed into its UTF-8 answer as it came: a byte that is no UTF-8 is read as
 * Latin-1, and a control character that XML forbids becomes U+FFFD.
 */
function decodeText(body: Uint8Array): string {
  let text: string;
  try {
    text = wellFormedUtf8.decode(body);
  } catch {
    text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      .toString("latin1")
      .replaceAll(utf8Sequences, (sequence) => Buffer.from(sequence, "latin1").toString("utf8"));
  }
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}
