import { pathProblem } from "./formats.ts";

export type FileField = "file" | "destination" | "owner" | "group" | "mode";

/** What is wrong with a text as this field of a file task, as a message that follows its name; undefined when right. */
export function fileFieldProblem(field: FileField, text: string): string | undefined {
  switch (field) {
    case "file":
      return /^[0-9a-f]{64}$/.test(text) ? undefined : "must be the SHA-256 (64 hex digits) of a library file";
    case "destination":
      if (/\p{Cc}/u.test(text)) return "must not contain control characters";
      if (text.endsWith("/")) return "must be the path of a file, not of a folder";
      return pathProblem(text);
    case "owner":
    case "group":
      return /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?$/.test(text)
        ? undefined
        : `must be the name or number of ${field === "owner" ? "a user" : "a group"}`;
    case "mode":
      return /^[0-7]{3,4}$/.test(text) ? undefined : "must be octal such as 0644";
  }
}
