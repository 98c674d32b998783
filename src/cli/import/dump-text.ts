import { OmError } from "../../contract/errors.ts";

/** What dumps call an encoding, and what the Encoding Standard does. MySQL's latin1 is Windows-1252. */
const encodings: Readonly<Record<string, string>> = {
  latin1: "windows-1252",
  gbk: "gbk",
  gb2312: "gbk",
  gb18030: "gb18030",
  big5: "big5",
};

/**
 * The text of a dump: UTF-8 or UTF-16 with its mark, else what its own `SET NAMES` or `CHARSET=` names. Throws `request.invalid` when it is
 * neither, so that no name arrives garbled.
 */
export function dumpText(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  if ((first === 0x1f && second === 0x8b) || (first === 0x50 && second === 0x4b)) {
    throw new OmError("request.invalid", `${path} is compressed. Unpack it first (gunzip or unzip).`);
  }
  // A redirection in Windows PowerShell writes UTF-16.
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const ascii = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const named = /\bSET\s+NAMES\s+'?([a-z0-9]+)/i.exec(ascii)?.[1] ?? /\bCHARSET=([a-z0-9]+)/i.exec(ascii)?.[1];
    const encoding = encodings[named?.toLowerCase() ?? ""];
    if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes);
    throw new OmError(
      "request.invalid",
      `${path} is not UTF-8${named === undefined ? "" : `, though it says ${named}`}. Convert it first, for example: iconv -f GB18030 -t UTF-8 ${path}`,
      { cause },
    );
  }
}
