import type { MethodResponse, XmlRpcValue } from "./xmlrpc.ts";

/** What a module of a minion answered: a value, or an error of its own, told apart whichever way it came. */
export type Answer =
  | { readonly kind: "value"; readonly value: XmlRpcValue }
  | { readonly kind: "error"; readonly denied: boolean; readonly message: string; readonly traceback: string };

const longestMessage = 600;
const longestTraceback = 16_384;

/**
 * An error comes as a fault, or as an array `REMOTE_ERROR`, type, value, traceback. Only an array that is that and
 * nothing else counts: a result may hold the word as well.
 */
export function answerOf(response: MethodResponse): Answer {
  if (response.kind === "fault") {
    const { code, message } = response;
    return errorAnswer(message === "" ? `fault ${code}` : message, "");
  }
  return remoteError(response.value) ?? response;
}

export function remoteError(value: XmlRpcValue): Extract<Answer, { kind: "error" }> | undefined {
  if (!Array.isArray(value) || value.length < 2 || value[0] !== "REMOTE_ERROR") return undefined;
  const [, type, detail, traceback] = value as readonly XmlRpcValue[];
  const kind = plainText(type)
    .replace(/^<(?:type|class) '?/, "")
    .replace(/'?>$/, "")
    .replace(/^exceptions\./, "");
  const text = plainText(detail);
  return errorAnswer(text === "" ? kind : `${kind}: ${text}`, plainText(traceback));
}

export function bareError(message: string): Extract<Answer, { kind: "error" }> {
  return errorAnswer(message === "" ? "an error without a word" : message, "");
}

function errorAnswer(message: string, traceback: string): Extract<Answer, { kind: "error" }> {
  return {
    kind: "error",
    denied: /AccessToMethodDenied/.test(message) || /AccessToMethodDenied/.test(traceback),
    message: oneLine(message),
    traceback: traceback.slice(0, longestTraceback),
  };
}

/** A value as text for people: text as it is, all else as JSON. */
export function plainText(value: XmlRpcValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  return JSON.stringify(
    value,
    (_name, part: unknown) => (part instanceof Uint8Array ? Buffer.from(part).toString("base64") : part),
    2,
  );
}

export function oneLine(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ")
    .trim()
    .slice(0, longestMessage);
}
