import { z } from "zod";

const remark = z.object({ line: z.number(), table: z.string(), text: z.string(), reason: z.string() });

const importedModule = z.object({
  line: z.number(),
  /** Its number in the first OMServer. */
  oldId: z.number(),
  key: z.string(),
  name: z.string(),
  parameters: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      default: z.string().optional(),
      choices: z.array(z.string()),
      maxLength: z.number().optional(),
    }),
  ),
});

/** What a dump of the first OMServer brings, by line of the dump. */
export const firstOmserverReport = z.object({
  functionCategories: z.object({ added: z.array(z.string()), unchanged: z.number() }),
  appCategories: z.object({ added: z.array(z.string()), unchanged: z.number() }),
  hosts: z.object({
    added: z.array(z.object({ line: z.number(), name: z.string() })),
    changed: z.array(z.object({ line: z.number(), name: z.string(), fields: z.array(z.string()) })),
    unchanged: z.number(),
  }),
  modules: z.object({ added: z.array(importedModule), changed: z.array(importedModule), unchanged: z.number() }),
  /** Shell commands of the history. */
  commands: z.object({ added: z.number(), unchanged: z.number() }),
  /** What is not taken over, and why. */
  refused: z.array(remark),
  /** What is taken over, with something to know. */
  notes: z.array(remark),
  /** False in a preview, and whenever something was refused and `skipRefused` was not set. */
  applied: z.boolean(),
});
