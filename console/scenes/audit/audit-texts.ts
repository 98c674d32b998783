import { useTranslation } from "react-i18next";
import { type AuditAction, auditActions, readAuditPart } from "../../../src/contract/audit.ts";

/** Parts that are one word in a record, and so no name of anything. */
const words = ["hosts", "settings", "unknown", "nobody"] as const;

export interface AuditTexts {
  /** What was done; the code itself where it is of another release. */
  action(code: string): string;
  /** To what, by whom, from where; names stay as they are. */
  part(text: string): string;
}

/** A record in the console's language: by the action's code, and by what the record's texts are read as. */
export function useAuditTexts(): AuditTexts {
  const { t } = useTranslation();
  return {
    action: (code) => (isAction(code) ? t(`auditAction.${code}`) : code),
    part(text) {
      const word = words.find((known) => known === text);
      if (word !== undefined) return t(`auditPart.${word}`);
      const read = readAuditPart(text);
      // What was typed for once has no version, and no name but its kind.
      if (read?.code === "module_version" && read.values.version === "0") {
        return t(read.values.key === "script" ? "auditPart.typedScript" : "auditPart.typedCommand");
      }
      return read === undefined ? text : t(`auditPart.${read.code}`, { replace: read.values });
    },
  };
}

function isAction(code: string): code is AuditAction {
  return (auditActions as readonly string[]).includes(code);
}
