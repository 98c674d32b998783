/** English of what a host keeps of a run; part of en.ts. */
export const enClaims = {
  claims: {
    claim: "Keep results on the host until they are fetched",
    on: "By SSH, a small private folder on the host keeps exit code and output until the controller has them, so a run outlives a lost connection and a crash.",
    off: "Nothing is kept on the host. When the connection or the controller is lost while something runs there, nobody can find out how it ended: it becomes unknown.",
    field: "Results on the host",
    yes: "kept until fetched",
    no: "not kept: after a crash it is unknown what ran",
  },
};
