import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { jsonPointer } from "./problems.ts";

/**
 * JSON is the only body that the API reads, and only whole, honest JSON: UTF-8, no `__proto__`, no NUL character and no
 * half of a surrogate pair in any text (databases store neither, and an audit hash over one would not verify).
 */
export function registerJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const bytes = body as Buffer;
    if (!isUtf8(bytes)) return done(new OmError("request.invalid", reasonText("body_no_unicode")), undefined);
    const text = bytes.toString("utf8");
    return parse(request, text, (error, value) => {
      if (error === null) return done(problemIn(text, value) ?? null, value);
      const isEmpty = (error as { code?: string }).code === "FST_ERR_CTP_EMPTY_JSON_BODY";
      return done(isEmpty ? error : new OmError("request.invalid", malformed(text), { cause: error }), undefined);
    });
  });
}

/** Why a parsed body is refused; undefined for a good one. */
function problemIn(text: string, value: unknown): OmError | undefined {
  const place = /\\u(?:0000|d[89a-f])/i.test(text) ? unstorable(value) : undefined;
  if (place === undefined) return undefined;
  const message = reasonText("text_unstorable");
  return new OmError("request.invalid", reasonText("body_unstorable", { place }), {
    problems: [{ place, message }],
  });
}

/** The parser's own message quotes the body; only the place is passed on, where it tells one. */
function malformed(text: string): string {
  try {
    JSON.parse(text);
    return reasonText("body_prototype");
  } catch (error) {
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : "")?.[0];
    return place === undefined ? reasonText("body_no_json") : reasonText("body_no_json_at", { place });
  }
}

/** Whether a database can keep the text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}

/** JSON pointer to the first text (or key) that is not storable. Not recursive: a body may be as deep as it likes. */
function unstorable(root: unknown): string | undefined {
  const open: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === "string" && !isStorable(value)) return jsonPointer(path);
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorable(key)) return jsonPointer(path);
      if (typeof inner === "string" || typeof inner === "object") open.push({ value: inner, path: [...path, key] });
    }
  }
  return undefined;
}
