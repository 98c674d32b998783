/** What is wrong with a run that is planned. Read by reasons.ts. */
export const planReasons = {
  plan_no_hosts: "The query matches no host that is enabled. Nothing would run.",
  plan_runs_as: "must be left out: the module runs as {user}",
  plan_runs_otherwise: "Module “{module}” runs as {user} and cannot run as {other}. Leave the user out.",
  plan_file_absent: "Parameter “{name}” names a file that is not in the library. Upload it or choose another one.",
  plan_file_unknown: "names a file that is not in the library",
  plan_other_engines: "Module “{module}” runs by {engines}; the chosen hosts use {others}.",
  plan_no_engine: "Module “{module}” runs by no engine; the chosen hosts use {others}.",
  plan_none_can: "None of the {count} chosen hosts can run it. {host}: {why}",
  confirm_destructive: "The module is destructive: confirm that it runs on {count} hosts by repeating that number.",
  confirm_many: "More than {limit} hosts would run it: confirm that it runs on {count} hosts by repeating that number.",
  confirm_given: "The number of hosts was given: confirm that it runs on {count} hosts by repeating that number.",
  task_bytes: "{bytes} bytes (SHA-256 {sha256}) → {destination}",
  task_kept: "the file that was there is kept beside it",
  task_owner: "owner {owner}, group {group}",
  task_then: "then: {command}",
  task_then_changed: "then, if it changed: {command}",
} as const satisfies Record<string, string>;
