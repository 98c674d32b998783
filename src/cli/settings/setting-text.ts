/** Stands for null, which a setting without a limit has: runs that are kept for ever. */
const withoutEnd = "ever";

export function settingText(value: string | number | null): string | number {
  return value ?? withoutEnd;
}

/** What was typed as the value that the API takes; whether it is one of the setting's, the server says. */
export function settingValue(text: string): string | number | null {
  if (text === withoutEnd) return null;
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
