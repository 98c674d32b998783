import type { z } from "zod";
import { settings as schema } from "../../contract/http/schemas/platform.ts";
import type { SettingsRepository } from "../store/repositories/settings.ts";

export type Settings = z.output<typeof schema>;

export const defaultSettings: Settings = {
  hostKeyPolicy: "strict",
  confirmAboveHosts: 50,
  runWidth: 256,
  runTimeoutMilliseconds: 300_000,
  connectTimeoutMilliseconds: 10_000,
  outputLimitBytes: 1_048_576,
  approvalFor: "nobody",
  approvalMinutes: 60,
  keepRunsDays: null,
};

type Name = keyof Settings;
const names = Object.keys(defaultSettings) as Name[];

/** The settings in force. One that was never set, or that an older version kept in another form, has its default. */
export async function readSettings(repository: SettingsRepository): Promise<Settings> {
  const stored = await Promise.all(names.map(async (name) => [name, await repository.get(key(name))] as const));
  const valid = stored.filter(([name, value]) => schema.shape[name].safeParse(value).success);
  return { ...defaultSettings, ...(Object.fromEntries(valid) as Partial<Settings>) };
}

/** Each setting is kept by itself, so that two people who change different ones do not undo each other. */
export async function writeSettings(repository: SettingsRepository, change: Partial<Settings>): Promise<void> {
  for (const name of names) {
    if (change[name] !== undefined) await repository.set(key(name), change[name]);
  }
}

function key(name: Name): string {
  return `setting.${name}`;
}
