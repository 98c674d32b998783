/**
 * rpyc's serializer for immutable values (rpyc/core/brine.py, versions 3 to 6), as far as two calls need it: none,
 * booleans, integers, floats, text, bytes and tuples.
 */
export type BrineValue = null | boolean | number | string | Uint8Array | readonly BrineValue[];

/** The bytes are no brine, or more than is looked at. */
export class MalformedBrine extends Error {}

const deepest = 64;
const mostItems = 100_000;

export function dumpBrine(value: BrineValue): Buffer {
  if (value === null) return Buffer.from([0x00]);
  if (value === true) return Buffer.from([0x03]);
  if (value === false) return Buffer.from([0x04]);
  if (typeof value === "number") return dumpInteger(value);
  if (typeof value === "string") return Buffer.concat([Buffer.from([0x08]), dumpBytes(Buffer.from(value))]);
  if (value instanceof Uint8Array) return dumpBytes(Buffer.from(value));
  const items = (value as readonly BrineValue[]).map(dumpBrine);
  return Buffer.concat([tupleHead(items.length), ...items]);
}

function dumpInteger(value: number): Buffer {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no integer that brine is asked to carry`);
  if (value >= -0x30 && value < 0xa0) return Buffer.from([value + 0x50]);
  const digits = Buffer.from(String(value));
  return Buffer.concat([Buffer.from([0x16, digits.length]), digits]);
}

function dumpBytes(bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from([0x01]);
  if (bytes.length <= 4) return Buffer.concat([Buffer.from([0x09 + bytes.length]), bytes]);
  if (bytes.length < 256) return Buffer.concat([Buffer.from([0x0e, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0x0f]), length4(bytes.length), bytes]);
}

function tupleHead(length: number): Buffer {
  if (length === 0) return Buffer.from([0x02]);
  if (length <= 4) return Buffer.from([0x0f + length]);
  if (length < 256) return Buffer.from([0x14, length]);
  return Buffer.concat([Buffer.from([0x15]), length4(length)]);
}

function length4(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** Throws {@link MalformedBrine}. */
export function loadBrine(bytes: Buffer): BrineValue {
  let at = 0;
  let items = 0;
  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new MalformedBrine("a value is cut");
    at += length;
    return bytes.subarray(at - length, at);
  }
  const one = () => take(1).readUInt8();
  const four = () => take(4).readUInt32BE();
  function tuple(length: number, depth: number): BrineValue[] {
    items += length;
    if (items > mostItems) throw new MalformedBrine("there are too many values");
    return Array.from({ length }, () => value(depth + 1));
  }
  function integer(digits: Buffer): number {
    const text = digits.toString("latin1");
    if (!/^[+-]?\d{1,40}$/.test(text)) throw new MalformedBrine("an integer is none");
    return Number(text);
  }
  function value(depth: number): BrineValue {
    if (depth > deepest) throw new MalformedBrine("values are nested too deep");
    const tag = one();
    if (tag >= 0x20 && tag < 0xf0) return tag - 0x50;
    if (tag >= 0x0a && tag <= 0x0d) return take(tag - 0x09);
    if (tag >= 0x10 && tag <= 0x13) return tuple(tag - 0x0f, depth);
    switch (tag) {
      case 0x00:
        return null;
      case 0x01:
        return Buffer.alloc(0);
      case 0x02:
        return [];
      case 0x03:
        return true;
      case 0x04:
        return false;
      case 0x08: {
        const text = value(depth + 1);
        if (!(text instanceof Uint8Array)) throw new MalformedBrine("a text is none");
        return Buffer.from(text).toString("utf8");
      }
      case 0x09: {
        const long = value(depth + 1);
        if (typeof long !== "number") throw new MalformedBrine("a long integer is none");
        return long;
      }
      case 0x0e:
        return take(one());
      case 0x0f:
        return take(four());
      case 0x14:
        return tuple(one(), depth);
      case 0x15:
        return tuple(four(), depth);
      case 0x16:
        return integer(take(one()));
      case 0x17:
        return integer(take(Math.min(four(), 1000)));
      case 0x18:
        return take(8).readDoubleBE();
      default:
        throw new MalformedBrine(`the tag ${tag} is not known`);
    }
  }
  const result = value(0);
  if (at !== bytes.length) throw new MalformedBrine("something follows the value");
  return result;
}
