import type { EngineHost } from "../../contract/engine.ts";
import { type HostAnswer, readHtmlAnswer, wholeRefusal } from "./html-answer.ts";
import { unseal } from "./sealing.ts";

export interface SealedAnswer {
  readonly sealed: string;
  readonly key: string;
  readonly hosts: readonly Pick<EngineHost, "position" | "name" | "address">[];
}

export type ReadAnswer =
  | { readonly kind: "closed" }
  /** Nothing ran. A sentence. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "hosts"; readonly answers: ReadonlyMap<number, HostAnswer | "twice"> };

/** Opens an old controller's answer and takes it apart. */
export function readSealedAnswer({ sealed, key, hosts }: SealedAnswer): ReadAnswer {
  const html = unseal(sealed, key);
  if (html === undefined || html.includes("\ufffd\ufffd\ufffd")) return { kind: "closed" };
  const reason = wholeRefusal(html);
  return reason === undefined ? { kind: "hosts", answers: readHtmlAnswer(html, hosts) } : { kind: "refused", reason };
}
