import { z } from "zod";
import { route } from "../route.ts";
import * as credentials from "../schemas/credentials.ts";
import * as fields from "../schemas/fields.ts";

export const credentialsRoutes = {
  listCredentials: route({
    method: "GET",
    path: "/credentials",
    permission: "inventory.read",
    tag: "credentials",
    answer: "json",
    summary: "Names and kinds of the ways into hosts; never the secrets",
    response: z.object({ credentials: z.array(credentials.credential) }),
  }),
  putCredential: route({
    method: "PUT",
    path: "/credentials",
    permission: "credentials.manage",
    tag: "credentials",
    answer: "json",
    summary:
      "Add or replace a credential; the secret goes to the connected controllers of its zones and cannot be read back",
    body: z.strictObject({
      name: fields.name,
      description: z.string().max(500).default(""),
      zones: z.array(fields.zone).max(50).default([]),
      secret: credentials.credentialSecret,
    }),
    response: credentials.credential,
  }),
  deleteCredential: route({
    method: "DELETE",
    path: "/credentials/:id",
    permission: "credentials.manage",
    tag: "credentials",
    answer: "empty",
    status: 204,
    summary: "Delete a credential that no host names",
    params: z.object({ id: fields.id }),
  }),
} as const;
