import type { Handlers } from "../call.ts";

/** Questions to an engine's own system through its controller. */
export const engineHandlers = {
  async listHostKeys({ who, params }, { dispatcher }) {
    const { name, engine } = params;
    const keys = await dispatcher.hostKeys(name, engine, { userId: who.user.id, name: who.user.name });
    return { keys: [...keys] };
  },

  async changeHostKey({ who, params, body, audit }, { dispatcher }) {
    const { name, engine } = params;
    const { host, action } = body;
    await audit({
      action: `host_key.${action}`,
      object: `${engine} key ${host}`,
      hosts: [host],
      detail: { controller: name },
    });
    await dispatcher.changeHostKey(name, { engine, name: host, action }, { userId: who.user.id, name: who.user.name });
  },
} satisfies Partial<Handlers>;
