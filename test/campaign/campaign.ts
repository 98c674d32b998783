export interface Outcome {
  /** Printed as the last line; begins with `campaign`. */
  readonly result: { readonly campaign: string } & Readonly<Record<string, unknown>>;
  /** Whether the promise that the campaign attacks held. */
  readonly held: boolean;
}

/** Takes the options of its command line; each has a default. */
export type Campaign = (options: Readonly<Record<string, string>>) => Promise<Outcome>;
