import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ConnectionReport, Engine, EngineHost } from "../contract/engine.ts";
import { OmError } from "../contract/errors.ts";
import type { AnswerSchema, Request, TestConnection } from "../contract/link/controller_pb.ts";
import { reasonText } from "../contract/reasons.ts";
import type { CredentialStore } from "./credentials/credential-store.ts";
import type { EngineStatus } from "./engine-health.ts";
import { changeHostKey, discoverHosts, listHostKeys } from "./engine-requests.ts";
import { engineHost } from "./execute/engine-host.ts";
import type { FileCache } from "./files/file-cache.ts";
import { fingerprint, type HostKeyPolicy, type HostKeyStore } from "./host-keys/host-keys.ts";

export type AnswerInit = MessageInitShape<typeof AnswerSchema>;

export interface RequestParts {
  readonly controller: string;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly credentials: CredentialStore;
  readonly defaultCredential: () => string | undefined;
  readonly hostKeys: HostKeyStore;
  readonly files: FileCache;
  readonly probe: () => Promise<readonly EngineStatus[]>;
  /** Whether it still has hosts or unacknowledged events of this run. */
  readonly knowsRun: (runUid: string) => boolean;
  readonly setHostKeyPolicy: (policy: HostKeyPolicy) => void;
  /** Resolves when what was changed is on disk. */
  readonly durable: () => Promise<void>;
}

/** Answers a question that is no run. Never throws: what goes wrong is in the answer. */
export async function answerRequest(parts: RequestParts, request: Request): Promise<AnswerInit> {
  try {
    const answer = await carryOut(parts, request.request);
    await parts.durable();
    return { id: request.id, ...answer };
  } catch (error) {
    const code = error instanceof OmError ? error.code : "internal.error";
    const message =
      error instanceof OmError ? error.message : reasonText("controller_log_says", { controller: parts.controller });
    return { id: request.id, errorCode: code, errorMessage: message };
  }
}

async function carryOut(parts: RequestParts, request: Request["request"]): Promise<AnswerInit> {
  switch (request.case) {
    case "putCredential":
      parts.credentials.put(request.value.name, request.value.secret);
      return {};
    case "deleteCredential":
      parts.credentials.delete(request.value.name);
      return {};
    case "testConnection":
      return { answer: { case: "connection", value: await testConnection(parts, request.value) } };
    case "probeEngines":
      return { answer: { case: "engines", value: { engines: [...(await parts.probe())] } } };
    case "setHostKeyPolicy":
      parts.setHostKeyPolicy(checkedPolicy(request.value.policy));
      return {};
    case "forgetHostKey":
      parts.hostKeys.forget(request.value.address, request.value.port);
      return {};
    case "discoverHosts":
      return { answer: { case: "hosts", value: await discoverHosts(parts.engines.get(request.value.engine)) } };
    case "listHostKeys":
      return { answer: { case: "hostKeys", value: await listHostKeys(parts.engines.get(request.value.engine)) } };
    case "changeHostKey":
      await changeHostKey(parts.engines.get(request.value.engine), request.value);
      return {};
    case "knownRuns":
      return {
        answer: { case: "knownRuns", value: { runUids: request.value.runUids.filter(parts.knowsRun) } },
      };
    case undefined:
      throw new OmError("request.invalid", reasonText("controller_old", { controller: parts.controller }));
  }
}

function checkedPolicy(policy: string): HostKeyPolicy {
  if (policy === "strict" || policy === "accept_new") return policy;
  throw new OmError("request.invalid", reasonText("host_key_policies"));
}

/** Keeps no key: only a run does, where its events carry the record. */
async function testConnection(parts: RequestParts, request: TestConnection): Promise<ConnectionReport> {
  const { host } = request;
  const engine = parts.engines.get(host?.engine ?? "");
  if (host === undefined || engine === undefined) {
    throw new OmError(
      "engine.unusable",
      reasonText("engine_missing", { controller: parts.controller, engine: host?.engine ?? "" }),
    );
  }
  if (engine.testConnection === undefined) {
    return {
      ok: true,
      message: reasonText("engine_no_test", { engine: host.engine }),
      milliseconds: 0,
    };
  }
  const unseen: string[] = [];
  const context = {
    credential: async (name: string) => parts.credentials.get(name),
    hostKeys: {
      async check(address: string, port: number, key: Uint8Array) {
        const verdict = await parts.hostKeys.check(address, port, key);
        if (verdict === "trusted_first_use") unseen.push(`${address} ${fingerprint(key)}`);
        return verdict;
      },
    },
    file: (sha256: string) => parts.files.open(sha256),
  };
  const target: EngineHost = engineHost(host, parts.defaultCredential());
  const report = await engine.testConnection(target, context, AbortSignal.timeout(Number(request.timeoutMs)));
  if (unseen.length === 0) return report;
  return {
    ...report,
    message: reasonText("keys_unseen", { message: report.message, keys: unseen.join(", ") }),
  };
}
