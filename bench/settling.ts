import type { Engine } from "../src/contract/engine.ts";

/** Tells an engine by itself, as the controller would after a commit, which hosts need to keep nothing any more. */
export function settling(engine: Engine, runUid: string): (position: number) => void {
  let positions: number[] = [];
  return (position) => {
    positions.push(position);
    if (positions.length > 1) return;
    setTimeout(() => {
      void engine.recovery?.settled(runUid, positions);
      positions = [];
    }, 50);
  };
}
