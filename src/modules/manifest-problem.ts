import { reasonText } from "../contract/reasons.ts";

/** A fault at a place of the manifest, as a path of keys. */
export interface ManifestProblem {
  readonly path: readonly (string | number)[];
  /** Where true, the key itself is wrong and not its value. */
  readonly atKey?: boolean;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A name that no parameter has. */
export function noParameter(name: string, names: readonly string[]): string {
  return names.length === 0
    ? reasonText("manifest_parameter_unknown_none", { name })
    : reasonText("manifest_parameter_unknown", { name, names: names.join(", ") });
}
