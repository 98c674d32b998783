import type { ControllerStatus } from "../../dispatch/dispatcher.ts";
import type { Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { missing } from "../visible.ts";

/** Controllers: how they stand, and which of them take new hosts. */
export const controllerHandlers = {
  async listControllers(_call, { dispatcher }) {
    return { controllers: await dispatcher.controllers() };
  },

  getController({ params }, { dispatcher }) {
    return known(dispatcher, params.name);
  },

  async changeController({ params, body, audit }, { dispatcher }) {
    const { name, zone } = await known(dispatcher, params.name);
    await audit({ action: "controller.change", object: `controller ${name}`, detail: { from: { zone }, to: body } });
    return dispatcher.setZone(name, body.zone);
  },

  async drainController({ params, audit }, { dispatcher }) {
    const { name, load } = await known(dispatcher, params.name);
    await audit({ action: "controller.drain", object: `controller ${name}`, detail: { load } });
    return dispatcher.setDraining(name, true);
  },

  async undrainController({ params, audit }, { dispatcher }) {
    const { name } = await known(dispatcher, params.name);
    await audit({ action: "controller.undrain", object: `controller ${name}` });
    return dispatcher.setDraining(name, false);
  },

  async probeController({ params, audit }, { dispatcher }) {
    const { name } = await known(dispatcher, params.name);
    await audit({ action: "controller.probe", object: `controller ${name}` });
    await dispatcher.probeEngines(name);
    return known(dispatcher, name);
  },
} satisfies Partial<Handlers>;

async function known(dispatcher: Services["dispatcher"], name: string): Promise<ControllerStatus> {
  const controllers = await dispatcher.controllers();
  return controllers.find((controller) => controller.name === name) ?? missing("controller", `“${name}”`);
}
