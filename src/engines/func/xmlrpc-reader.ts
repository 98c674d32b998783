import { reasonText } from "../../contract/reasons.ts";
import { MalformedAnswer, type MethodResponse, type XmlRpcValue } from "./xmlrpc.ts";

const deepest = 64;
const mostElements = 200_000;

/**
 * Reads an answer. Throws {@link MalformedAnswer} when it is none. It is a reader of XML-RPC and of no other XML: what
 * XML-RPC has none of (document types, entities of its own, processing instructions, other elements) is refused where it
 * begins, and nothing is built that was not asked for.
 */
export function readMethodResponse(body: Uint8Array): MethodResponse {
  return new AnswerReader(decodeText(body)).read();
}

interface Tag {
  readonly name: string;
  readonly closes: boolean;
  /** `<name/>`. */
  readonly empty: boolean;
}

const typeNames = ["int", "i4", "i8", "boolean", "string", "double", "base64", "dateTime.iso8601", "nil"];
const knownNames = ["methodResponse", "params", "param", "fault", "value", "array", "data", "struct", "member", "name"];

/** Tags as they are mostly written, by what stands between the angle brackets. */
const plainTags: ReadonlyMap<string, Tag> = new Map(
  [...knownNames, ...typeNames].flatMap((name): [string, Tag][] => [
    [name, { name, closes: false, empty: false }],
    [`/${name}`, { name, closes: true, empty: false }],
    [`${name}/`, { name, closes: false, empty: true }],
  ]),
);

/** Reads front to end; each method takes up where the one before left off. */
class AnswerReader {
  readonly #xml: string;
  #at = 0;
  #depth = 0;
  #elements = 0;

  constructor(xml: string) {
    this.#xml = xml;
  }

  read(): MethodResponse {
    this.#skipDeclaration();
    this.#expect("methodResponse");
    const inside = this.#open(["params", "fault"]);
    if (inside === undefined || inside.empty) throw new MalformedAnswer(reasonText("engine_answer_no_value"));
    const response = inside.name === "fault" ? this.#fault() : this.#params();
    this.#close(inside.name);
    this.#close("methodResponse");
    this.#text();
    if (this.#at < this.#xml.length) throw notWellFormed();
    return response;
  }

  #params(): MethodResponse {
    let value: XmlRpcValue | undefined;
    for (let tag = this.#open(["param"]); tag !== undefined; tag = this.#open(["param"])) {
      const one = tag.empty ? undefined : this.#onlyValue();
      if (!tag.empty) this.#close("param");
      value ??= one;
    }
    if (value === undefined) throw new MalformedAnswer(reasonText("engine_answer_no_value"));
    return { kind: "value", value };
  }

  #fault(): MethodResponse {
    const value = this.#onlyValue();
    const fault = value !== null && typeof value === "object" ? (value as Record<string, XmlRpcValue>) : {};
    return { kind: "fault", code: Number(fault.faultCode ?? 0), message: String(fault.faultString ?? "") };
  }

  #onlyValue(): XmlRpcValue {
    const tag = this.#open(["value"]);
    if (tag === undefined) throw new MalformedAnswer(reasonText("engine_answer_no_value"));
    return this.#value(tag);
  }

  /** After `<value>`, to behind `</value>`. */
  #value({ empty }: Tag): XmlRpcValue {
    if (empty) return "";
    const text = this.#text();
    const tag = this.#tag();
    if (tag.closes) {
      this.#leave(tag, "value");
      return text;
    }
    const value = this.#typed(tag);
    this.#text();
    const end = this.#tag();
    if (!end.closes) throw new MalformedAnswer(reasonText("func_answer_two_contents"));
    this.#leave(end, "value");
    return value;
  }

  #typed(tag: Tag): XmlRpcValue {
    const { name, empty } = tag;
    if (name === "array") return empty ? [] : this.#array();
    if (name === "struct") return empty ? {} : this.#struct();
    if (!typeNames.includes(name)) throw misplaced(name);
    let text = "";
    if (!empty) {
      text = this.#text();
      this.#leave(this.#tag(), name);
    }
    return typedValue(name, text);
  }

  #array(): XmlRpcValue[] {
    const items: XmlRpcValue[] = [];
    const data = this.#open(["data"]);
    if (data?.empty === false) {
      for (let tag = this.#open(["value"]); tag !== undefined; tag = this.#open(["value"]))
        items.push(this.#value(tag));
      this.#close("data");
    }
    if (data !== undefined && this.#open([]) !== undefined) throw misplaced("data");
    this.#close("array");
    return items;
  }

  #struct(): XmlRpcValue {
    const entries: [string, XmlRpcValue][] = [];
    for (let tag = this.#open(["member"]); tag !== undefined; tag = this.#open(["member"])) {
      entries.push(this.#member(tag));
    }
    this.#close("struct");
    // fromEntries defines properties, so that a member named __proto__ is one like any other.
    return Object.fromEntries(entries);
  }

  #member({ empty }: Tag): [string, XmlRpcValue] {
    let name: string | undefined;
    let value: XmlRpcValue | undefined;
    for (let tag = empty ? undefined : this.#open(["name", "value"]); tag !== undefined; ) {
      if (tag.name === "value") value = this.#value(tag);
      else {
        name = tag.empty ? "" : this.#text();
        if (!tag.empty) this.#leave(this.#tag(), "name");
      }
      tag = this.#open(["name", "value"]);
    }
    if (name === undefined || value === undefined) {
      throw new MalformedAnswer(reasonText("func_answer_member"));
    }
    if (!empty) this.#close("member");
    return [name, value];
  }

  #expect(name: string): void {
    const tag = this.#open([name]);
    if (tag === undefined) throw notWellFormed();
    if (tag.empty) throw new MalformedAnswer(reasonText("engine_answer_no_value"));
  }

  /** The next element's start, one of these; undefined where the element around it ends. */
  #open(allowed: readonly string[]): Tag | undefined {
    this.#text();
    const before = this.#at;
    const tag = this.#tag();
    if (tag.closes) {
      this.#at = before;
      return undefined;
    }
    if (!allowed.includes(tag.name)) throw misplaced(tag.name);
    return tag;
  }

  #close(name: string): void {
    this.#text();
    this.#leave(this.#tag(), name);
  }

  #leave(tag: Tag, name: string): void {
    if (!tag.closes) throw misplaced(tag.name);
    if (tag.name !== name) throw notWellFormed();
    this.#depth -= 1;
  }

  /** Whatever stands before the next tag, or to the end. */
  #text(): string {
    let text = "";
    for (;;) {
      const next = this.#xml.indexOf("<", this.#at);
      const end = next === -1 ? this.#xml.length : next;
      if (end > this.#at) text += withoutReferences(this.#xml.slice(this.#at, end));
      this.#at = end;
      if (next === -1) return text;
      const sign = this.#xml[next + 1];
      if (sign === "?") throw new MalformedAnswer(reasonText("func_answer_instruction"));
      if (sign !== "!") return text;
      if (this.#xml.startsWith("<!--", next)) this.#upTo("-->");
      else if (this.#xml.startsWith("<![CDATA[", next)) text += this.#upTo("]]>").slice("<![CDATA[".length);
      else throw new MalformedAnswer(reasonText("func_answer_doctype"));
    }
  }

  #tag(): Tag {
    const written = this.#upTo(">").slice(1);
    const tag = plainTags.get(written) ?? readTag(written);
    if (tag.closes) return tag;
    this.#elements += 1;
    if (this.#elements > mostElements) {
      throw new MalformedAnswer(reasonText("func_answer_elements", { count: mostElements.toLocaleString("en") }));
    }
    if (!tag.empty) this.#depth += 1;
    if (this.#depth > deepest) throw new MalformedAnswer(reasonText("func_answer_deep", { count: deepest }));
    return tag;
  }

  /** To before the mark, and behind it. */
  #upTo(mark: string): string {
    const end = this.#xml.indexOf(mark, this.#at);
    if (end === -1) throw notWellFormed();
    const text = this.#xml.slice(this.#at, end);
    this.#at = end + mark.length;
    return text;
  }

  #skipDeclaration(): void {
    if (this.#xml.startsWith("<?xml ")) this.#upTo("?>");
  }
}

/** A tag that is written with blanks or attributes, which XML-RPC gives no meaning. */
function readTag(written: string): Tag {
  const parts = /^(\/?)([A-Za-z_][\w.:-]*)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)$/.exec(written);
  if (parts === null) throw notWellFormed();
  const [, slash, name = "", end] = parts;
  return { name, closes: slash === "/", empty: end === "/" };
}

const characterOf: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function withoutReferences(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+))?;?/g, (written, decimal, hex, name) => {
    if (!written.endsWith(";")) throw notWellFormed();
    const character =
      name === undefined
        ? characterAt(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
        : characterOf[name];
    if (character === undefined) throw notWellFormed();
    return character;
  });
}

/** Undefined for what is no character of XML 1.0. */
function characterAt(code: number): string | undefined {
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  if (code < 32 && code !== 9 && code !== 10 && code !== 13) return undefined;
  return code === 0xfffe || code === 0xffff ? undefined : String.fromCodePoint(code);
}

function typedValue(name: string, written: string): XmlRpcValue {
  const text = written.trim();
  switch (name) {
    case "int":
    case "i4":
    case "i8":
      if (!/^[+-]?\d{1,20}$/.test(text)) throw new MalformedAnswer(reasonText("func_answer_integer"));
      return Number(text);
    case "double": {
      const number = Number(text);
      if (text === "" || Number.isNaN(number)) throw new MalformedAnswer(reasonText("func_answer_number"));
      return number;
    }
    case "boolean":
      if (text !== "0" && text !== "1") throw new MalformedAnswer(reasonText("func_answer_boolean"));
      return text === "1";
    case "base64":
      if (!/^[A-Za-z0-9+/=\s]*$/.test(text)) throw new MalformedAnswer(reasonText("func_answer_base64"));
      return Buffer.from(text, "base64");
    case "nil":
      return null;
    default:
      return written;
  }
}

function misplaced(name: string): MalformedAnswer {
  return new MalformedAnswer(reasonText("func_answer_misplaced", { name: name.slice(0, 40) }));
}

function notWellFormed(): MalformedAnswer {
  return new MalformedAnswer(reasonText("engine_answer_no_xml"));
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
