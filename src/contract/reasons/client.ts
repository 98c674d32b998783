/** What a client of the API says when OMServer does not. Read by reasons.ts. */
export const clientReasons = {
  server_unanswered: "OMServer did not answer at {address}. Check that it runs and that the address is right.",
  server_fronted: "Something in front of OMServer answered with HTTP {status} and no problem document.",
  not_copied: "The browser did not copy it.",
} as const satisfies Record<string, string>;
