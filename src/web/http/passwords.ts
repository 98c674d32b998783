import { hash, verify } from "@node-rs/argon2";
import { reasonText } from "../../contract/reasons.ts";
import { TooManyRequests } from "./attempts.ts";

/** argon2id (the library's default kind), 64 MiB and 3 passes: above OWASP's minimum; about 100 ms a hash. */
const cost = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const atOnce = 2;
const waitingAtMost = 64;

/** At most two hashes are worked on at once, so that sign-ins cannot eat the machine's memory. */
export interface Passwords {
  /** The text that the store keeps. */
  hash(password: string): Promise<string>;
  /**
   * Takes as long for an unknown user or one without a password (undefined, empty) as for a wrong password.
   * Throws `request.too_many` when too many wait already.
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
}

export function createPasswords(): Passwords {
  let working = 0;
  const waiting: (() => void)[] = [];
  let dummy: Promise<string> | undefined;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (working >= atOnce) {
      if (waiting.length >= waitingAtMost) {
        throw new TooManyRequests(reasonText("too_many_sign_in"), 5);
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      working += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) working -= 1;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    async verify(passwordHash, password) {
      if (passwordHash !== undefined && passwordHash !== "") return inTurn(() => verify(passwordHash, password));
      dummy ??= hash("nobody has this password", cost);
      const stored = await dummy;
      await inTurn(() => verify(stored, password));
      return false;
    },
  };
}
