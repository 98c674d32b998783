import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromLife, Wish } from "./life-messages.ts";
import type { ArmedPoint } from "./points.ts";

export interface Death {
  /** It had not yet taken up all that an earlier life left. */
  readonly duringRecovery: boolean;
}

/** A process of the product that is killed and started again, over and over; wishes outlive its deaths. */
export interface Mortal {
  readonly name: string;
  readonly role: "web" | "controller";
  /** Asked again in the next life when this one dies before it has answered. */
  ask<Value>(wish: Wish): Promise<Value>;
  /** Resolves when the present life has begun its recovery. */
  begun(): Promise<void>;
  /** About as long as a recovery takes. Milliseconds. */
  recoveryTime(): number;
  recovered(): Promise<void>;
  kill(): Promise<Death>;
  /** It stands still (SIGSTOP) until `resume`. */
  pause(): void;
  resume(): void;
  /** How it died by itself; undefined when it lived on for so long. */
  died(milliseconds: number): Promise<Death | undefined>;
  /** The next life, which may be armed from its first moment. */
  start(armed?: ArmedPoint): void;
  stop(): Promise<void>;
}

export interface MortalOptions {
  readonly name: string;
  readonly role: "web" | "controller";
  /** And its arguments. */
  readonly program: URL;
  readonly given: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

interface Life {
  readonly process: ChildProcess;
  serving: boolean;
  readonly begun: Promise<void>;
  readonly recovered: Promise<void>;
  readonly death: Promise<Death>;
}

export function createMortal({ name, role, program, given, environment }: MortalOptions): Mortal {
  const file = fileURLToPath(program);
  const waiting = new Map<number, { wish: Wish; resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  let recoveryTime = 100;
  let life: Life | undefined;

  function begin(armed: readonly string[]): Life {
    const child = spawn(process.execPath, [file, ...given, ...armed], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: environment,
    });
    const begun = Promise.withResolvers<void>();
    const recovered = Promise.withResolvers<void>();
    const death = Promise.withResolvers<Death>();
    let duringRecovery = true;
    let begunAt = 0;
    const next: Life = {
      process: child,
      serving: false,
      begun: begun.promise,
      recovered: recovered.promise,
      death: death.promise,
    };
    child.on("message", (message: FromLife) => {
      if ("phase" in message) {
        onPhase(message.phase);
        return;
      }
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if ("error" in message) asked?.reject(new Error(message.error));
      else asked?.resolve(message.value);
    });
    function onPhase(phase: "recovering" | "serving" | "recovered"): void {
      if (phase === "recovering") {
        begunAt = performance.now();
        begun.resolve();
      }
      if (phase === "serving") {
        next.serving = true;
        for (const [id, { wish }] of waiting) send(next, id, wish);
      }
      if (phase === "recovered") {
        duringRecovery = false;
        recoveryTime = (recoveryTime + performance.now() - begunAt) / 2;
        recovered.resolve();
      }
    }
    child.on("error", () => undefined);
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") death.resolve({ duringRecovery });
      else if (code !== 0) death.reject(new Error(`${name} ended by itself with ${code ?? signal}.`));
    });
    death.promise.catch(() => undefined);
    return next;
  }

  /** One that dies meanwhile does not hear it; the next one does. */
  function send(to: Life, id: number, wish: Wish): void {
    if (to.serving && to.process.connected) to.process.send({ id, wish }, () => undefined);
  }

  function present(): Life {
    if (life === undefined) throw new Error(`${name} was not started.`);
    return life;
  }

  return {
    name,
    role,
    ask<Value>(wish: Wish): Promise<Value> {
      lastId += 1;
      const id = lastId;
      return new Promise<Value>((resolve, reject) => {
        waiting.set(id, { wish, resolve: resolve as (value: unknown) => void, reject });
        if (life !== undefined) send(life, id, wish);
      });
    },
    begun: () => present().begun,
    recovered: () => present().recovered,
    recoveryTime: () => recoveryTime,
    kill() {
      present().process.kill("SIGKILL");
      return present().death;
    },
    pause: () => void present().process.kill("SIGSTOP"),
    resume: () => void present().process.kill("SIGCONT"),
    async died(milliseconds) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), milliseconds);
      const death = await Promise.race([present().death, promise]);
      clearTimeout(timer);
      return death;
    },
    start(armed) {
      life = begin(armed === undefined ? [] : [armed.point, String(armed.count)]);
    },
    async stop() {
      const { process: child } = present();
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.send({ id: 0, wish: { wish: "stop" } satisfies Wish });
      await closed;
    },
  };
}
