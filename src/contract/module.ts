/**
 * A task module: what it is called, what it asks for, how it runs. The same text in a folder (`module.yaml`, with
 * `script` files beside it) and in the console's editor. The format is specified in docs/modules.md; `src/modules`
 * parses and renders it.
 */

export const dangers = ["read", "change", "destructive"] as const;
export type Danger = (typeof dangers)[number];

export interface LocalizedText {
  readonly zh: string;
  readonly en: string;
}

export interface ModuleManifest {
  /** Number in the catalogue; the seven of the first OMServer keep 1001–1007. Given by the store to one made in the console. */
  readonly id: number;
  /** `^[a-z][a-z0-9-]{1,62}$`, unique; the CLI's name for it. */
  readonly key: string;
  readonly name: LocalizedText;
  readonly description: LocalizedText;
  readonly danger: Danger;
  readonly parameters: ParameterSchema;
  readonly run: ModuleRun;
  /** Runs as root (or another user) by default; a run may not weaken it. */
  readonly become?: { readonly user: string };
  /** Milliseconds; the run may lower or raise it within the settings' limit. Default 300,000. */
  readonly timeoutMilliseconds?: number;
}

/**
 * JSON Schema (2020-12), `type: object`, flat, with this subset: string, integer, number, boolean; `enum`, `const`,
 * `default`, `minimum`, `maximum`, `minLength`, `maxLength`, `pattern`, `title`, `description`, `examples`;
 * `format`: `multiline`, `password` (a secret), `file` (a library file, value = its SHA-256), `path`, `hostname`.
 * Translations stand beside: `x-zh: {title, description, enum: {value: label}}`, and `x-en` for enum labels.
 */
export interface ParameterSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, ParameterProperty>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
}

export interface ParameterProperty {
  readonly type: "string" | "integer" | "number" | "boolean";
  readonly title?: string;
  readonly description?: string;
  readonly default?: ParameterValue;
  readonly enum?: readonly (string | number)[];
  readonly const?: ParameterValue;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly examples?: readonly ParameterValue[];
  readonly format?: "multiline" | "password" | "file" | "path" | "hostname";
  readonly "x-zh"?: ParameterTexts;
  readonly "x-en"?: ParameterTexts;
}

export interface ParameterTexts {
  readonly title?: string;
  readonly description?: string;
  readonly enum?: Readonly<Record<string, string>>;
}

export type ParameterValue = string | number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** An argv element: literal text, or one whole argument made from a parameter (left out when it has no value). */
export type ArgumentTemplate = string | ParameterReference;

export interface ParameterReference {
  readonly parameter: string;
  /** Stands for the value: the text under it here; a value that is not listed counts as none. */
  readonly values?: Readonly<Record<string, string>>;
  /** Taken when there is no value. */
  readonly otherwise?: ArgumentTemplate;
}

/** `all` serves every engine that carries that kind of task; `engines` overrides it for one. */
export interface ModuleRun {
  readonly all?: ModuleAction;
  readonly engines?: Readonly<Record<string, ModuleAction>>;
}

export type ModuleAction =
  | { readonly kind: "command"; readonly argv: readonly ArgumentTemplate[] }
  /** Parameters arrive as environment variables `OM_<NAME>` (name upper-cased), never as text in the script. */
  | {
      readonly kind: "script";
      readonly interpreter: readonly string[];
      readonly script: string;
      readonly arguments?: readonly ArgumentTemplate[];
    }
  | {
      readonly kind: "file";
      /** Name of the parameter (format `file`) that chooses the library file. */
      readonly file: ArgumentTemplate;
      readonly destination: ArgumentTemplate;
      readonly owner?: ArgumentTemplate;
      readonly group?: ArgumentTemplate;
      readonly mode?: ArgumentTemplate;
      /** Default true. */
      readonly keepOld?: boolean;
      readonly after?: readonly ArgumentTemplate[];
      /** Run `after` also where the file was already there; a boolean parameter may decide. Default false. */
      readonly afterAlways?: boolean | { readonly parameter: string };
    }
  | PlaybookAction
  | {
      readonly kind: "native";
      readonly name: string;
      readonly arguments: Readonly<Record<string, ArgumentTemplate | number | boolean>>;
      /** Their order, for an engine that takes them by position. */
      readonly positional?: readonly string[];
    };

/** Plays of Ansible; exactly one of `playbook` and `role` is given. */
export interface PlaybookAction {
  readonly kind: "playbook";
  readonly source:
    | { readonly project: string; readonly sha256?: string }
    | { readonly git: string; readonly commit: string };
  readonly playbook?: string;
  readonly role?: string;
  /** By the variable's name. */
  readonly variables?: Readonly<Record<string, ArgumentTemplate | number | boolean>>;
  /** A value may hold several, with commas between them. */
  readonly tags?: readonly ArgumentTemplate[];
  readonly skipTags?: readonly ArgumentTemplate[];
  readonly limit?: ArgumentTemplate;
  readonly groups?: readonly string[];
}
