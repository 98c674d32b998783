import type { EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";

/** What the old controller's one HTML text says of a host. */
export interface HostAnswer {
  readonly succeeded: boolean;
  readonly output: string;
}

/** Something that concerns the whole request: nothing ran. A sentence. */
export function wholeRefusal(html: string): string | undefined {
  const text = plainText(html).trim();
  if (/User verify failed!|Invalid Login!/i.test(text)) {
    return reasonText("old_refused", { text: text.slice(0, 100) });
  }
  const missing = /Module "?([^"<>]{1,60})"? does not exist/i.exec(text)?.[1];
  if (missing !== undefined && !/主机\s*[：:]/.test(text)) return reasonText("old_no_module", { module: missing });
  return undefined;
}

/**
 * Takes the answer apart by its headings: `主机：` name, `运行状态` 成功 or 失败, then the output. What a host printed
 * stands in the same text and may hold a heading as well, so a host that is named twice is taken from neither; what is
 * looked for is bounded in length, so that no output makes this slow.
 */
export function readHtmlAnswer(
  html: string,
  hosts: readonly Pick<EngineHost, "position" | "name" | "address">[],
): ReadonlyMap<number, HostAnswer | "twice"> {
  const byName = new Map<string, Pick<EngineHost, "position">>();
  for (const host of hosts) {
    byName.set(host.name, host);
    byName.set(host.address, host);
  }
  const found = new Map<number, HostAnswer | "twice">();
  for (const section of html.split(/主机(?:名)?(?:\s|&nbsp;|<[^<>]{0,200}>){0,20}[：:]/).slice(1)) {
    const status = /运行状态/.exec(section);
    if (status === null) continue;
    const heading = plainText(section.slice(0, status.index));
    const named = new Set(heading.split(/[^\p{L}\p{N}._:-]+/u).flatMap((word) => byName.get(word) ?? []));
    const [host] = named;
    if (host === undefined || named.size !== 1) continue;
    const verdict = /^(?:(?!成功|失败)[\s\S])*?(成功|失败)(?:\s*<\/font>)?/i.exec(
      section.slice(status.index, status.index + 500),
    );
    if (verdict === null) continue;
    const output = plainText(section.slice(status.index + verdict[0].length));
    const answer = { succeeded: verdict[1] === "成功", output: output.replace(/^[\s：:\]】)]+/u, "").trimEnd() };
    found.set(host.position, found.has(host.position) ? "twice" : answer);
  }
  return found;
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", nbsp: " " };

/** Line breaks for `<br>` and paragraphs, no other tags, entities undone. */
function plainText(html: string): string {
  return html
    .replaceAll(/\r?\n/g, "\n")
    .replaceAll(/<(?:br|\/p|\/div|hr)\b[^<>]*>\n?/gi, "\n")
    .replaceAll(/<\/?[A-Za-z][^<>]*>/g, "")
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    });
}
