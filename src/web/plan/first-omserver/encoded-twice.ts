/** MySQL's latin1 is Windows-1252; others took its bytes for those of ISO 8859-1, where each stands for itself. */
const byteOf: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte): [string, number] => {
    const character = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
    return [character, byte];
  }),
);
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Whether a text is UTF-8 that was taken for latin1 and encoded again, as tables of old PHP and MySQL often are: every
 * character of it is one of latin1, and their bytes are UTF-8 with a character of three bytes (Chinese, for one).
 */
export function isTwiceEncoded(text: string): boolean {
  if (!/[\u00e0-\u00ef]/.test(text)) return false;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const byte = byteOf.get(text[index] ?? "") ?? code;
    if (byte > 255) return false;
    bytes[index] = byte;
  }
  try {
    return /[\u0800-\uffff]/.test(utf8.decode(bytes));
  } catch {
    return false;
  }
}
