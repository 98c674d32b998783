import { routes } from "../../../contract/http/routes.ts";
import type { Handlers } from "../call.ts";
import { missing } from "../visible.ts";

/** The library of files that modules put onto hosts. Content is kept by its hash, never twice. */
export const fileHandlers = {
  async listFiles(_call, { store }) {
    return { files: await store.files.list() };
  },

  async uploadFile({ who, query, upload, audit }, { store, files }) {
    const { sha256, bytes } = await files.put(upload, routes.uploadFile.upload.maxBytes);
    await audit({ action: "file.upload", object: `file ${query.name}`, detail: { sha256, bytes } });
    return store.files.add({ name: query.name, sha256, bytes, uploadedBy: who.user.name });
  },

  async deleteFile({ params, audit }, { store }) {
    const file = (await store.files.get(params.id)) ?? missing("file", params.id);
    await audit({ action: "file.delete", object: `file ${file.name}`, detail: { sha256: file.sha256 } });
    await store.files.delete(file.id);
  },
} satisfies Partial<Handlers>;
