import type { z } from "zod";
import type { CallInput, CallOutput } from "../../src/contract/http/client.ts";
import type { liveFrame, liveOutput } from "../../src/contract/http/schemas/runs.ts";

/** The API's shapes by the names that the console uses; they come from the contract and nowhere else. */
export type Session = CallOutput<"GET /session">;
export type User = Session["user"];
export type FunctionCategory = CallOutput<"GET /categories">["functionCategories"][number];
export type AppCategory = FunctionCategory["appCategories"][number];
export type Host = CallOutput<"GET /hosts">["rows"][number];
export type MatchReport = CallOutput<"POST /hosts/match">;
export type ModuleSummary = CallOutput<"GET /modules">["modules"][number];
export type ModuleDetail = CallOutput<"GET /modules/:id">;
export type LibraryFile = CallOutput<"GET /files">["files"][number];
export type Run = CallOutput<"GET /runs/:id">;
export type RunPreview = CallOutput<"POST /runs/preview">;
export type Execution = CallOutput<"GET /runs/:id/executions">["rows"][number];
/** All hosts of a run in columns. */
export type RunHosts = CallOutput<"GET /runs/:id/hosts">;
export type ImportReport = CallOutput<"POST /hosts/import">;
export type Credential = CallOutput<"GET /credentials">["credentials"][number];
export type Controller = CallOutput<"GET /controllers">["controllers"][number];
export type HostKey = CallOutput<"GET /controllers/:name/engines/:engine/keys">["keys"][number];
export type HostKeyAction = CallInput<"POST /controllers/:name/engines/:engine/keys">["body"]["action"];
export type WaitsFor = NonNullable<Run["waitsFor"]>[number];
/** How many runs the next sweep would delete. */
export type EndedRuns = CallOutput<"GET /settings/ended-runs">;
export type Settings = CallOutput<"GET /settings">;
export type ShellCommand = CallOutput<"GET /shell-commands">["rows"][number];
export type AuditRecord = CallOutput<"GET /audit">["rows"][number];

/** One frame of `GET /runs/:id/live`, `event: run`. */
export type LiveFrame = z.output<typeof liveFrame>;
/** `event: output`: bytes of one host, base64. */
export type LiveOutput = z.output<typeof liveOutput>;
