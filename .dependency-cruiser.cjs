// Who may import whom. One rule a row of the table in docs/architecture.md; each says why.
// A folder may always import itself; packages from npm are not restricted here.
const only = (name, from, allowed, why) => ({
  name,
  severity: "error",
  comment: why,
  from: { path: from, pathNot: "[.]test[.]tsx?$" },
  to: { path: "^(src|console|modules|test|bench)/", pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: "no-circle",
      severity: "error",
      comment: "A circle has no ground floor to read from.",
      from: {},
      to: { circular: true },
    },
    only("contract", "^src/contract/", [], "The contract is what all sides share, so it stands on nothing."),
    only("modules", "^src/modules/", ["^src/contract/"], "The task-module format is pure: both tiers use it."),
    {
      name: "engines",
      severity: "error",
      comment: "An engine knows its own protocol only; engines never know one another (registry.ts lists them).",
      from: { path: "^src/engines/([^/]+)/", pathNot: "[.]test[.]ts$" },
      to: {
        path: "^(src|console|test|bench)/",
        pathNot: ["^src/engines/$1/", "^src/engines/job/", "^src/contract/", "^src/modules/"],
      },
    },
    only(
      "engines-job",
      "^src/engines/job/",
      ["^src/contract/"],
      "What a job of any engine is made of knows no engine.",
    ),
    {
      name: "links",
      severity: "error",
      comment: "A carrier moves frames and knows neither side's business; carriers never know one another.",
      from: { path: "^src/link/([^/]+)/", pathNot: "[.]test[.]ts$" },
      to: { path: "^(src|console|test|bench)/", pathNot: ["^src/link/$1/", "^src/contract/", "^src/modules/"] },
    },
    only(
      "controller",
      "^src/controller/",
      ["^src/contract/", "^src/modules/"],
      "Engines and links are handed in, so that the controller runs without a web server and a test without either.",
    ),
    only("web-access", "^src/web/access/", ["^src/contract/", "^src/modules/"], "Access decisions are pure."),
    only(
      "web-plan",
      "^src/web/plan/",
      ["^src/contract/", "^src/modules/"],
      "Planning is pure: the same query over the same inventory gives the same hosts.",
    ),
    only("web-store", "^src/web/store/", ["^src/contract/"], "The store keeps what it is given and decides nothing."),
    only(
      "web-dispatch",
      "^src/web/dispatch/",
      ["^src/contract/", "^src/modules/", "^src/web/(store|plan)/"],
      "Dispatch writes a run and sends its order; it serves nobody.",
    ),
    only(
      "web-enrol",
      "^src/web/enrol/",
      ["^src/contract/", "^src/web/store/"],
      "Enrolment makes and refuses certificates; it serves nobody, and no carrier knows it.",
    ),
    only(
      "web-ingest",
      "^src/web/ingest/",
      ["^src/contract/", "^src/web/(store|plan)/"],
      "Ingest folds events into the store; it serves nobody.",
    ),
    only(
      "web-live",
      "^src/web/live/",
      ["^src/contract/", "^src/web/(store|plan)/"],
      "Live tells what the store holds; it changes nothing.",
    ),
    only(
      "web-retention",
      "^src/web/retention/",
      ["^src/contract/", "^src/web/store/"],
      "What deletes old runs knows the store, and nothing that starts or serves them.",
    ),
    only(
      "web-http",
      "^src/web/http/",
      ["^src/contract/", "^src/modules/", "^src/web/"],
      "HTTP sees the web server's parts and the contract, never an engine or the controller.",
    ),
    only("cli", "^src/cli/", ["^src/contract/"], "The CLI is a client of the public API like any other."),
    only("console", "^console/", ["^src/contract/"], "The console is a client of the public API like any other."),
    {
      name: "daemon",
      severity: "error",
      comment: "The composition root is nobody's library.",
      from: { path: "^(src|console)/", pathNot: ["^src/daemon/", "[.]test[.]tsx?$"] },
      to: { path: "^src/daemon/" },
    },
    {
      name: "no-tests-in-product",
      severity: "error",
      comment: "What ships does not stand on test helpers.",
      from: { path: "^(src|console)/", pathNot: "[.]test[.]tsx?$" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Tests may import what they test with; its parser does not know `using` either, which they use.
    exclude: { path: "(^|/)(dist|node_modules|test)/|[.]test[.]tsx?$" },
    parser: "swc",
    detectProcessBuiltinModuleCalls: false,
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".cjs", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
