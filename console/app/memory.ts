import type { Draft } from "../components/parameter-form/form-model.ts";

/**
 * What a user did last, kept in this browser's storage under the user's number: two people who share a browser do not
 * see each other's. Secrets never come here (see `rememberable`).
 */
interface Memory {
  /** Modules used last, newest first. */
  readonly modules: readonly number[];
  /** Values of each module's form as it last ran. */
  readonly values: Readonly<Record<string, Draft>>;
}

const mostModules = 40;
const nothing: Memory = { modules: [], values: {} };

export function recentModules(userId: number): readonly number[] {
  return read(userId).modules;
}

export function rememberUse(userId: number, moduleId: number): void {
  const { modules, values } = read(userId);
  write(userId, { modules: [moduleId, ...modules.filter((id) => id !== moduleId)].slice(0, mostModules), values });
}

export function rememberedValues(userId: number, moduleId: number): Draft {
  return read(userId).values[moduleId] ?? {};
}

/** Keeps the values of the modules used last; the one that ran now is among them. */
export function rememberValues(userId: number, moduleId: number, draft: Draft): void {
  rememberUse(userId, moduleId);
  const { modules, values } = read(userId);
  const kept = Object.entries(values).filter(([id]) => modules.includes(Number(id)));
  write(userId, { modules, values: { ...Object.fromEntries(kept), [moduleId]: draft } });
}

function read(userId: number): Memory {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? "null");
    return isMemory(kept) ? kept : nothing;
  } catch {
    return nothing;
  }
}

function write(userId: number, memory: Memory): void {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(memory));
  } catch {
    // Storage is full or switched off: nothing is remembered, and nothing else is lost.
  }
}

function keyOf(userId: number): string {
  return `omserver.memory.${userId}`;
}

/** Storage can hold anything: older versions and other people's tools write there too. */
function isMemory(kept: unknown): kept is Memory {
  if (typeof kept !== "object" || kept === null || !("modules" in kept) || !("values" in kept)) return false;
  const { modules, values } = kept;
  if (!Array.isArray(modules) || !modules.every((id) => Number.isSafeInteger(id))) return false;
  if (typeof values !== "object" || values === null) return false;
  return Object.values(values).every(
    (draft) =>
      typeof draft === "object" &&
      draft !== null &&
      Object.values(draft).every((value) => typeof value === "string" || typeof value === "boolean"),
  );
}
