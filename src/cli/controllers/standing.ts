import type { ClientContext } from "../client-command.ts";
import { timeText } from "../terminal/table.ts";

export type ControllerRow = Awaited<ReturnType<typeof listed>>["controllers"][number];

function listed(client: ClientContext["client"]) {
  return client.call("GET /controllers", {});
}

/** Whether it is there and takes new hosts, in a word. */
export function standingText({ state, connected, lastSeenAt }: ControllerRow): string {
  if (state === "revoked") return "revoked";
  const away = lastSeenAt === undefined ? "never connected" : `away, last seen ${timeText(lastSeenAt)}`;
  const place = connected ? "connected" : away;
  return state === "draining" ? `draining, ${place}` : place;
}

export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

type WaitsFor = NonNullable<Awaited<ReturnType<typeof ofRun>>["waitsFor"]>[number];

function ofRun(client: ClientContext["client"]) {
  return client.call("GET /runs/:id", { params: { id: 1 } });
}

/** `waits for controller bj-1, last seen 2026-11-25 10:03:00`; empty when for nobody. */
export function waitsText(waits: readonly WaitsFor[] | undefined): string {
  if (waits === undefined || waits.length === 0) return "";
  return `waits for ${waits.map(waitText).join(" or ")}`;
}

function waitText({ zone, controller, reason, since, hosts }: WaitsFor): string {
  const share = hosts === undefined ? "" : ` (${hosts} ${hosts === 1 ? "host" : "hosts"})`;
  switch (reason) {
    case "none":
      return `a controller of the zone ${zone}, which has none${share}`;
    case "draining":
      return `controller ${controller}, which drains${share}`;
    case "revoked":
      return `controller ${controller}, which was revoked${share}`;
    case "away":
      return `controller ${controller}, ${since === undefined ? "never seen" : `last seen ${timeText(since)}`}${share}`;
  }
}
