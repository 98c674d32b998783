import { reasonText } from "../contract/reasons.ts";
import { pathProblem } from "./formats.ts";

export type FileField = "file" | "destination" | "owner" | "group" | "mode";

/** What is wrong with a text as this field of a file task, as a message that follows its name; undefined when right. */
export function fileFieldProblem(field: FileField, text: string): string | undefined {
  switch (field) {
    case "file":
      return /^[0-9a-f]{64}$/.test(text) ? undefined : reasonText("file_hash");
    case "destination":
      if (/\p{Cc}/u.test(text)) return reasonText("field_no_control");
      if (text.endsWith("/")) return reasonText("file_no_folder");
      return pathProblem(text);
    case "owner":
    case "group":
      return /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?$/.test(text)
        ? undefined
        : reasonText(field === "owner" ? "file_owner" : "file_group");
    case "mode":
      return /^[0-7]{3,4}$/.test(text) ? undefined : reasonText("file_mode");
  }
}
