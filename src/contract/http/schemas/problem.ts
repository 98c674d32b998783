import { z } from "zod";

/** A sentence of the catalogue by its stable code; `values` stand in its places. */
const reason = z.object({ code: z.string(), values: z.record(z.string(), z.string()) });

export const problem = z.object({ place: z.string(), message: z.string(), reason: reason.optional() });

/** RFC 9457, `application/problem+json`. */
export const problemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  /** What `detail` says, for who tells it in another language. */
  reason: reason.optional(),
  instance: z.string(),
  problems: z.array(problem),
});
