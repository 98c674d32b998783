import { z } from "zod";
import { route } from "../route.ts";
import * as fields from "../schemas/fields.ts";
import * as modules from "../schemas/modules.ts";

export const filesRoutes = {
  listFiles: route({
    method: "GET",
    path: "/files",
    permission: "files.read",
    tag: "files",
    answer: "json",
    summary: "The file library",
    response: z.object({ files: z.array(modules.libraryFile) }),
  }),
  uploadFile: route({
    method: "POST",
    path: "/files",
    permission: "files.write",
    tag: "files",
    answer: "json",
    status: 201,
    summary: "Put a file into the library",
    query: z.strictObject({ name: fields.name }),
    upload: { maxBytes: 1_073_741_824 },
    response: modules.libraryFile,
  }),
  deleteFile: route({
    method: "DELETE",
    path: "/files/:id",
    permission: "files.write",
    tag: "files",
    answer: "empty",
    status: 204,
    summary: "Take a file out of the library",
    params: z.object({ id: fields.id }),
  }),
} as const;
