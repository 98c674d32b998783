import type { Engine } from "../src/contract/engine.ts";

export interface Settling {
  /** The host's end would be committed now. */
  ended(position: number): void;
  /** Resolves when all of them were told. */
  done(): Promise<void>;
}

/** Tells an engine by itself, as the controller would after a commit, which hosts need to keep nothing any more. */
export function settling(engine: Engine, runUid: string): Settling {
  let positions: number[] = [];
  let told: Promise<unknown> = Promise.resolve();
  return {
    ended(position) {
      positions.push(position);
      if (positions.length > 1) return;
      const before = told;
      told = new Promise((resolve) => setTimeout(resolve, 50)).then(() => {
        const group = positions;
        positions = [];
        return Promise.all([before, engine.recovery?.settled(runUid, group)]);
      });
    },
    async done() {
      await told;
    },
  };
}
