import { z } from "zod";
import { dangers } from "../../module.ts";
import { localizedText, timestamp } from "./fields.ts";

export const moduleSummary = z.object({
  id: z.number(),
  key: z.string(),
  version: z.number(),
  name: localizedText,
  description: localizedText,
  danger: z.enum(dangers),
  builtIn: z.boolean(),
  enabled: z.boolean(),
  engines: z.array(z.string()),
  updatedAt: timestamp,
  updatedBy: z.string(),
});

export const moduleDetail = z.object({
  ...moduleSummary.shape,
  sha256: z.string(),
  /** JSON Schema of the form, see src/contract/module.ts `ParameterSchema`. */
  parameters: z.custom<import("../../module.ts").ParameterSchema>(),
  /** The manifest as YAML text, as the editor shows it. */
  source: z.string(),
});

export const modulePreview = z.object({
  ok: z.boolean(),
  problems: z.array(
    z.object({ place: z.string(), line: z.number().optional(), column: z.number().optional(), message: z.string() }),
  ),
  module: z
    .object({
      key: z.string(),
      name: localizedText,
      description: localizedText,
      danger: z.enum(dangers),
      engines: z.array(z.string()),
      parameters: z.custom<import("../../module.ts").ParameterSchema>(),
    })
    .optional(),
});

/** What the import of a module file does, or would do. */
export const moduleImportReport = z.object({
  ...modulePreview.shape,
  /** `refused`: see `problems`, or `reason` where the file itself is sound. */
  action: z.enum(["add", "change", "unchanged", "refused"]),
  reason: z.string(),
  /** The module of that key, as it is before; its text is what the file is compared with. */
  current: z.object({ id: z.number(), version: z.number(), source: z.string() }).optional(),
  /** The module's number and version afterwards; set when it was written or is the same. */
  result: z.object({ id: z.number(), version: z.number() }).optional(),
  /** False in a preview. */
  applied: z.boolean(),
});

export const libraryFile = z.object({
  id: z.number(),
  name: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  uploadedBy: z.string(),
  uploadedAt: timestamp,
});
