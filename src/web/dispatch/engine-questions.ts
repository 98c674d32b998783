import { type DiscoveredHost, type HostKeyState, hostKeyStates } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import type { Answer } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { DiscoveredHosts } from "./dispatcher.ts";

/** The answers of a controller to questions about an engine's own system. Untrusted: checked, never believed. */

export function discoveredHosts({ answer }: Answer): DiscoveredHosts {
  if (answer.case !== "hosts") throw strange();
  const hosts = answer.value.hosts.map(({ name, address, port, user, os, groups, facts }): DiscoveredHost => {
    const known = objectOf(facts);
    return {
      name,
      groups,
      ...(address === "" ? {} : { address }),
      ...(port === 0 ? {} : { port }),
      ...(user === "" ? {} : { user }),
      ...(os === "" ? {} : { os }),
      ...(known === undefined ? {} : { facts: known }),
    };
  });
  return { hosts, withoutFacts: answer.value.withoutFacts };
}

export function hostKeyList({ answer }: Answer): { name: string; state: HostKeyState }[] {
  if (answer.case !== "hostKeys") throw strange();
  return answer.value.keys.flatMap(({ name, state }) => {
    const known = hostKeyStates.find((each) => each === state);
    return known === undefined ? [] : [{ name, state: known }];
  });
}

function strange(): OmError {
  return new OmError("internal.error", reasonText("controller_other_answer"));
}

function objectOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (bytes.byteLength === 0) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
