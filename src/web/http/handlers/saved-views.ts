import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { Handlers } from "../call.ts";

/** Enough for anybody, and a bound on what somebody can fill the database with. */
const mostViews = 100;

/** Filters that somebody keeps for themselves. */
export const savedViewHandlers = {
  async listSavedViews({ who, query }, { store }) {
    return { views: [...(await store.savedViews.list(who.user.id, query.scene))] };
  },

  async putSavedView({ who, body, audit }, { store }) {
    const known = await store.savedViews.list(who.user.id, body.scene);
    if (known.length >= mostViews && !known.some(({ name }) => name === body.name)) {
      throw new OmError("request.invalid", reasonText("views_full", { count: mostViews }));
    }
    await audit({ action: "view.save", object: `view “${body.name}” of ${body.scene}` });
    return store.savedViews.put(who.user.id, body);
  },

  async deleteSavedView({ who, params, audit }, { store }) {
    await audit({ action: "view.delete", object: `view ${params.id}` });
    await store.savedViews.delete(who.user.id, params.id);
    return undefined;
  },
} satisfies Partial<Handlers>;
