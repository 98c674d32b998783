/**
 * First letters of the pinyin of Chinese characters, without a dictionary: the browser sorts by pinyin, and for every
 * letter one character is known that comes first under it. Characters with several readings sort under one of them; the
 * other initials of those that names of tasks use stand in a table.
 */
const letters = "abcdefghjklmnopqrstwxyz";
const firstCharacters = [..."阿八嚓咑妸发旮哈丌咔垃呣拏噢妑七呥仨他穵夕丫帀"];
const otherReadings: Readonly<Record<string, string>> = {
  重: "cz",
  行: "hx",
  长: "cz",
  调: "dt",
  传: "cz",
  弹: "dt",
  率: "ls",
  降: "jx",
  系: "jx",
  会: "hk",
  参: "cs",
  还: "hx",
  藏: "cz",
  朝: "cz",
  曾: "cz",
  校: "jx",
  省: "sx",
  解: "jx",
  给: "gj",
  单: "ds",
  盛: "cs",
  提: "dt",
  什: "s",
  都: "d",
};

const collator = new Intl.Collator("zh-u-co-pinyin");
/** A browser that does not know this order would give wrong letters; then there are none. */
const sortsByPinyin = firstCharacters.every(
  (character, at) => at === 0 || collator.compare(firstCharacters[at - 1] ?? "", character) < 0,
);
const known = new Map<string, string>();

/** Every initial that a character can have, e.g. `cz` for 重; the character itself, lower-case, where it is not Chinese. */
export function initialsOf(character: string): string {
  if (!/\p{Script=Han}/u.test(character)) return character.toLowerCase();
  const before = known.get(character);
  if (before !== undefined) return before;
  const initials = otherReadings[character] ?? letterOf(character);
  known.set(character, initials);
  return initials;
}

/** Where in a text characters stand one after another whose initials spell the word; -1 for nowhere. Spaces do not count. */
export function findInitials(text: string, word: string): number {
  const characters = [...text].filter((character) => /[\p{L}\p{N}]/u.test(character)).map(initialsOf);
  for (let at = 0; at + word.length <= characters.length; at++) {
    if ([...word].every((letter, place) => characters[at + place]?.includes(letter))) return at;
  }
  return -1;
}

function letterOf(character: string): string {
  if (!sortsByPinyin) return "";
  const at = firstCharacters.findLastIndex((first) => collator.compare(first, character) <= 0);
  return letters.charAt(at);
}
