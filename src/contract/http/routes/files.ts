import { z } from "zod";
import { route } from "../route.ts";
import * as s from "../schemas.ts";

export const filesRoutes = {
  listFiles: route({
    method: "GET",
    path: "/files",
    permission: "files.read",
    tag: "files",
    answer: "json",
    summary: "The file library",
    response: z.object({ files: z.array(s.libraryFile) }),
  }),
  uploadFile: route({
    method: "POST",
    path: "/files",
    permission: "files.write",
    tag: "files",
    answer: "json",
    status: 201,
    summary: "Put a file into the library",
    query: z.strictObject({ name: s.name }),
    upload: { maxBytes: 1_073_741_824 },
    response: s.libraryFile,
  }),
  deleteFile: route({
    method: "DELETE",
    path: "/files/:id",
    permission: "files.write",
    tag: "files",
    answer: "empty",
    status: 204,
    summary: "Take a file out of the library",
    params: z.object({ id: s.id }),
  }),
} as const;
