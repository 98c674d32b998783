import type { Engine } from "../contract/engine.ts";
import { createLocalEngine } from "./local/local-engine.ts";
import { createSshEngine } from "./ssh/ssh-engine.ts";

/** Every engine that a controller offers, by hand: what is not in this list does not exist. */
export function createEngines(): Engine[] {
  return [createSshEngine(), createLocalEngine()];
}
