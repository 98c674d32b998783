/** An IP address as 32-bit words, most significant first: one for IPv4, four for IPv6. */
export type AddressWords = readonly number[];

/** All addresses whose first `bits` are those of `words`. */
export interface AddressRange {
  readonly words: AddressWords;
  readonly bits: number;
}

/** Reads an address; undefined for anything else. A zone (`fe80::1%eth0`) is left out. */
export function parseAddress(text: string): AddressWords | undefined {
  const four = parseFour(text);
  if (four !== undefined) return [four];
  return text.length > 64 || !text.includes(":") ? undefined : parseSix(text.replace(/%.*$/s, ""));
}

/** Reads an address or a network (`10.11.0.0/16`). Bits behind the prefix are ignored: `10.11.3.7/16` is the same. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  const words = parseAddress(address);
  if (words === undefined || rest.length > 0) return undefined;
  const most = words.length * 32;
  if (prefix === undefined) return { words, bits: most };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > most) return undefined;
  const bits = Number(prefix);
  return { words: words.map((word, index) => (word & maskOf(bits - index * 32)) >>> 0), bits };
}

/** Looks like an address, right or wrong: four numbers with dots, or hexadecimal with at least two colons. */
export function looksLikeAddress(text: string): boolean {
  return /^\d+(?:\.\d+){3}(?:\/|$)/.test(text) || /^[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:[/%]|$)/.test(text);
}

export function rangeContains({ words, bits }: AddressRange, address: AddressWords): boolean {
  if (words.length !== address.length) return false;
  for (let index = 0; index * 32 < bits; index++) {
    if ((((words[index] ?? 0) ^ (address[index] ?? 0)) & maskOf(bits - index * 32)) !== 0) return false;
  }
  return true;
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function parseFour(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((word, byte) => word * 256 + byte, 0);
}

function parseSix(text: string): AddressWords | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : groupsOf(half)));
  const [head, tail] = groups;
  if (head === undefined || groups.includes(undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = tail === undefined ? head : [...head, ...Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((index) => (all[index] ?? 0) * 0x10000 + (all[index + 1] ?? 0));
}

/** 16-bit groups of one side of `::`; its last may be written as IPv4. */
function groupsOf(text: string): number[] | undefined {
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const four = index === parts.length - 1 ? parseFour(part) : undefined;
    if (four !== undefined) groups.push(four >>> 16, four & 0xffff);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
