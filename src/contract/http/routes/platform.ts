import { z } from "zod";
import { engineIds, hostKeyStates } from "../../engine.ts";
import { reasonText } from "../../reasons.ts";
import { route } from "../route.ts";
import * as fields from "../schemas/fields.ts";
import * as platform from "../schemas/platform.ts";

export const platformRoutes = {
  listHostKeys: route({
    method: "GET",
    path: "/controllers/:name/engines/:engine/keys",
    permission: "keys.manage",
    tag: "platform",
    answer: "json",
    summary: "Keys of hosts that ask to join an engine's own system (Salt's minions)",
    params: z.object({ name: z.string().min(1).max(63), engine: z.enum(engineIds) }),
    response: z.object({ keys: z.array(z.object({ name: z.string(), state: z.enum(hostKeyStates) })) }),
  }),
  changeHostKey: route({
    method: "POST",
    path: "/controllers/:name/engines/:engine/keys",
    permission: "keys.manage",
    tag: "platform",
    answer: "empty",
    status: 204,
    summary: "Accept, reject or delete the key of a host that asks to join",
    params: z.object({ name: z.string().min(1).max(63), engine: z.enum(engineIds) }),
    body: z.strictObject({
      /** A name, never a pattern. */
      host: z
        .string()
        .max(253)
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, reasonText("field_host")),
      action: z.enum(["accept", "reject", "delete"]),
    }),
  }),
  getDemoFleet: route({
    method: "GET",
    path: "/demo-fleet",
    permission: "inventory.read",
    tag: "platform",
    answer: "json",
    summary: "Hosts to try the product with: whether this installation can have them, and how many listen",
    response: z.object({
      /** False where no controller shares the web server's process. */
      available: z.boolean(),
      listening: z.number(),
    }),
  }),
  startDemoFleet: route({
    method: "POST",
    path: "/demo-fleet",
    permission: "settings.manage",
    tag: "platform",
    answer: "json",
    summary:
      "Start real SSH servers on this machine's loopback, with a credential of their own; commands run there as the account of OMServer",
    response: z.object({
      /** For `POST /hosts/import`, which shows what it would change. */
      hostsCsv: z.string(),
    }),
  }),
  stopDemoFleet: route({
    method: "DELETE",
    path: "/demo-fleet",
    permission: "settings.manage",
    tag: "platform",
    answer: "json",
    summary: "End the demo fleet, and delete its hosts and its credential",
    response: z.object({ deleted: z.number() }),
  }),
  getSettings: route({
    method: "GET",
    path: "/settings",
    permission: "self",
    tag: "platform",
    answer: "json",
    summary: "Settings that shape runs",
    response: platform.settings,
  }),
  countEndedRuns: route({
    method: "GET",
    path: "/settings/ended-runs",
    permission: "settings.manage",
    tag: "platform",
    answer: "json",
    summary: "How many runs the next sweep would delete, were runs kept for so many days",
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(36_500) }),
    response: z.object({
      runs: z.number(),
      /** Highest number among them; 0 where there are none. */
      upTo: z.number(),
      /** They ended before. */
      before: fields.timestamp,
    }),
  }),
  changeSettings: route({
    method: "PATCH",
    path: "/settings",
    permission: "settings.manage",
    tag: "platform",
    answer: "json",
    summary: "Change settings",
    body: platform.settings.partial().strict(),
    response: platform.settings,
  }),
  getController: route({
    method: "GET",
    path: "/controllers/:name",
    permission: "inventory.read",
    tag: "platform",
    answer: "json",
    summary: "One controller: its engines, load, spool, clock and certificate",
    params: z.object({ name: fields.controllerName }),
    response: platform.controllerStatus,
  }),
  changeController: route({
    method: "PATCH",
    path: "/controllers/:name",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    summary: "Give a controller another zone; runs that are under way stay with it",
    params: z.object({ name: fields.controllerName }),
    body: z.strictObject({ zone: fields.zone }).strict(),
    response: platform.controllerStatus,
  }),
  drainController: route({
    method: "POST",
    path: "/controllers/:name/drain",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    summary: "A controller takes no new orders and finishes what it has, until undrained",
    params: z.object({ name: fields.controllerName }),
    response: platform.controllerStatus,
  }),
  undrainController: route({
    method: "POST",
    path: "/controllers/:name/undrain",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    summary: "A drained controller takes orders again, those that waited for it first",
    params: z.object({ name: fields.controllerName }),
    response: platform.controllerStatus,
  }),
  probeController: route({
    method: "POST",
    path: "/controllers/:name/probe",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    summary: "Look anew which engines a controller can use",
    params: z.object({ name: fields.controllerName }),
    response: platform.controllerStatus,
  }),
  listControllers: route({
    method: "GET",
    path: "/controllers",
    permission: "inventory.read",
    tag: "platform",
    answer: "json",
    summary: "Controllers, their engines, and what is missing",
    response: z.object({ controllers: z.array(platform.controllerStatus) }),
  }),
  inviteController: route({
    method: "POST",
    path: "/controllers/:name/invitation",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    status: 201,
    summary: "Invite a machine to become this controller: a token that works once within 30 minutes, shown once",
    params: z.object({ name: fields.controllerName }),
    body: z.strictObject({ zone: fields.zone.optional() }).strict(),
    response: z.object({
      server: z.string(),
      token: z.string(),
      authoritySha256: z.string(),
      expiresAt: fields.timestamp,
    }),
  }),
  revokeController: route({
    method: "POST",
    path: "/controllers/:name/revocation",
    permission: "controllers.manage",
    tag: "platform",
    answer: "empty",
    status: 204,
    summary: "End a controller's certificates and cut its link at once; only a new invitation lets it in again",
    params: z.object({ name: fields.controllerName }),
  }),
  rotateOrderKeys: route({
    method: "POST",
    path: "/order-keys/rotation",
    permission: "controllers.manage",
    tag: "platform",
    answer: "json",
    status: 201,
    summary: "Sign orders with a new key from now on; the one before is followed for another day",
    response: z.object({ keyId: z.string(), previousUntil: fields.timestamp }),
  }),
} as const;
