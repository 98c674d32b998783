import { join } from "node:path";
import { z } from "zod";
import type { AbsentEngine, Engine } from "../contract/engine.ts";
import { reasonText } from "../contract/reasons.ts";
import { createAnsibleEngine } from "./ansible/ansible-engine.ts";
import { ansibleSettings } from "./ansible/settings.ts";
import { createFuncEngine } from "./func/func-engine.ts";
import { funcSettings } from "./func/settings.ts";
import { createLocalEngine } from "./local/local-engine.ts";
import { createOmserverV1Engine } from "./omserver-v1/omserver-v1-engine.ts";
import { omserverV1Settings } from "./omserver-v1/settings.ts";
import { createSaltEngine } from "./salt/salt-engine.ts";
import { saltSettings } from "./salt/settings.ts";
import { createSshEngine } from "./ssh/ssh-engine.ts";

/**
 * What the configuration may say of engines, under `engines`: a section an engine, its schema in the engine's folder.
 * An engine that needs settings (where a Salt master is, say) does not exist without its section.
 */
export const engineSettings = z.strictObject({
  ansible: ansibleSettings.optional(),
  salt: saltSettings.optional(),
  func: funcSettings.optional(),
  "omserver-v1": omserverV1Settings.optional(),
});
export type EngineSettings = z.infer<typeof engineSettings>;

export interface EngineSurroundings {
  /** A folder of the controller's own for the engines' files, 0700; each engine uses one of its name below it. */
  readonly folder: string;
}

/** Engines that need a section, and what to write there; the rest of it is in the operators' guide. */
const sections = [
  ["salt", reasonText("engine_section_salt")],
  ["func", reasonText("engine_section_func")],
  ["omserver-v1", reasonText("engine_section_old")],
] as const satisfies readonly (readonly [keyof EngineSettings, string])[];

/** What a controller says of the engines that its configuration does not switch on: why, and the mend. */
export function absentEngines(settings: EngineSettings): AbsentEngine[] {
  return sections
    .filter(([id]) => settings[id] === undefined)
    .map(([id, section]) => ({
      id,
      reason: reasonText("engine_not_on"),
      mend: reasonText("engine_turn_on", { id, section }),
    }));
}

/** Every engine that a controller offers, by hand: what is not in this list does not exist. */
export function createEngines(settings: EngineSettings, surroundings: EngineSurroundings): Engine[] {
  return [
    createSshEngine(),
    createLocalEngine(),
    createAnsibleEngine({
      settings: settings.ansible ?? ansibleSettings.parse({}),
      folder: join(surroundings.folder, "ansible"),
    }),
    ...(settings.salt === undefined ? [] : [createSaltEngine(settings.salt)]),
    ...(settings.func === undefined ? [] : [createFuncEngine(settings.func)]),
    ...(settings["omserver-v1"] === undefined ? [] : [createOmserverV1Engine(settings["omserver-v1"])]),
  ];
}
