import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;

/** What a person reads of HTML, on one line. */
export function htmlText(html: string): string {
  return tidy(parseFragment(html).childNodes.map(textOf).join(""));
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((each) => each.name === name)?.value;
}

export function textOf(node: Node): string {
  if (node.nodeName === "#text") return (node as DefaultTreeAdapterTypes.TextNode).value;
  if (!("tagName" in node) || node.tagName === "script" || node.tagName === "style") return "";
  if (node.tagName === "br") return " ";
  return node.childNodes.map(textOf).join("");
}

/** One line, without control and other invisible characters. */
export function tidy(text: string): string {
  return text.replaceAll(/[\s\u00a0\u3000\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
