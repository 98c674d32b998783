/**
 * What decides which machine a host is, and as whom it is entered (an engine may know it by its name). It is changed with
 * `hosts.connect` only: whoever may change it reaches every machine that a credential opens.
 */
export const connectFields = [
  "name",
  "innerAddress",
  "outerAddress",
  "port",
  "engines",
  "user",
  "credential",
  "proxyJump",
  "zone",
] as const;
