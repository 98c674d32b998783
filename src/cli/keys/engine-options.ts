import { type Command, Option } from "commander";
import { type EngineId, engineIds } from "../../contract/engine.ts";
import type { ClientOptions } from "../client-command.ts";

export interface EngineOptions extends ClientOptions {
  readonly engine: EngineId;
  readonly controller: string;
}

export function withEngineOptions(command: Command): Command {
  return command
    .addOption(new Option("--engine <engine>", "whose system is asked").choices(engineIds).default("salt"))
    .option("--controller <name>", "the controller that drives it", "main");
}

export function engineOf({ engine, controller }: EngineOptions): { engine: EngineId; name: string } {
  return { engine, name: controller };
}
