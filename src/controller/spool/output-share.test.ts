import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { JournaledRun } from "./journal.ts";
import { createOutputShare, type OutputShare } from "./output-share.ts";

const piece = 64 * 1024;
let share: OutputShare;

beforeEach(() => {
  vi.useFakeTimers();
  share = createOutputShare();
  share.linked(true);
});
afterEach(() => {
  share.close();
  vi.useRealTimers();
});

function aRun(): JournaledRun {
  return {
    id: 1,
    uid: "run",
    lastSeq: 0,
    acknowledgedSeq: 0,
    ended: false,
    released: { wave: 0, failuresElsewhere: 0 },
  };
}

/** The host tells so many pieces, each with the next number of its run, and they are spooled. */
function tell(run: JournaledRun, position: number, pieces: number): void {
  for (let count = 0; count < pieces; count += 1) {
    share.told(run, position, piece);
    run.lastSeq += 1;
    const { lastSeq } = run;
    share.spooled([
      { run, frame: new Uint8Array(), firstSeq: lastSeq, lastSeq, bytes: piece + 50, outputBytes: piece },
    ]);
  }
}

function acknowledge(run: JournaledRun, seq: number): void {
  run.acknowledgedSeq = seq;
  share.acknowledged(run, seq);
}

function told(room: Promise<void> | undefined): { done: boolean } {
  const state = { done: room === undefined };
  void room?.then(() => {
    state.done = true;
  });
  return state;
}

it("holds back hosts that print much while much is on its way, and no others", async () => {
  const run = aRun();
  tell(run, 0, 16);
  tell(run, 1, 1);

  const talker = told(share.room(run, 0));
  const quiet = told(share.room(run, 1));
  const silent = told(share.room(aRun(), 0));

  expect([talker.done, quiet.done, silent.done]).toEqual([false, true, true]);
});

it("lets them go on as what they told becomes durable at the web server", async () => {
  const run = aRun();
  tell(run, 0, 8);
  const talker = told(share.room(run, 0));

  acknowledge(run, 4);
  await vi.advanceTimersByTimeAsync(0);

  expect(talker.done).toBe(true);
  expect(share.room(run, 0)).toBeUndefined();
});

it("gives hosts their turns in the order in which they asked, over all runs", async () => {
  const [first, second] = [aRun(), aRun()];
  tell(first, 0, 4);
  tell(second, 0, 4);
  const order: string[] = [];
  void share.room(first, 0)?.then(() => order.push("first"));
  void share.room(second, 0)?.then(() => order.push("second"));

  acknowledge(second, 1);
  await vi.advanceTimersByTimeAsync(0);
  const afterOne = [...order];
  tell(first, 0, 1);
  acknowledge(second, 3);
  await vi.advanceTimersByTimeAsync(0);

  expect(afterOne).toEqual(["first"]);
  expect(order).toEqual(["first", "second"]);
});

it("wakes the next when one whose turn it was had nothing more to tell", async () => {
  const run = aRun();
  tell(run, 0, 4);
  tell(run, 1, 4);
  const rooms = [told(share.room(run, 0)), told(share.room(run, 1))];

  acknowledge(run, 1);
  await vi.advanceTimersByTimeAsync(100);

  expect(rooms.map(({ done }) => done)).toEqual([true, true]);
});

it("lets a share more go each second where nothing is acknowledged", async () => {
  const run = aRun();
  tell(run, 0, 16);
  const rooms = Array.from({ length: 10 }, () => told(share.room(run, 0)));
  const gone = () => rooms.filter(({ done }) => done).length;

  await vi.advanceTimersByTimeAsync(999);
  const early = gone();
  await vi.advanceTimersByTimeAsync(2);
  const afterOne = gone();
  await vi.advanceTimersByTimeAsync(1000);

  expect([early, afterOne, gone()]).toEqual([0, 8, 10]);
  expect(share.room(run, 0)).toBeInstanceOf(Promise);
});

it("leaves everything to the spool while no link carries events", async () => {
  const run = aRun();
  tell(run, 0, 16);
  const talker = told(share.room(run, 0));

  share.linked(false);
  await vi.advanceTimersByTimeAsync(0);
  const away = share.room(run, 0);
  share.linked(true);

  expect([talker.done, away]).toEqual([true, undefined]);
  expect(share.room(run, 0)).toBeInstanceOf(Promise);
});

it("forgets a run that has ended, whatever of it was counted", async () => {
  const [ended, other] = [aRun(), aRun()];
  tell(ended, 0, 16);
  share.told(ended, 0, piece);
  tell(other, 0, 2);
  const talker = told(share.room(other, 0));
  ended.ended = true;

  acknowledge(ended, ended.lastSeq);
  await vi.advanceTimersByTimeAsync(0);

  expect(talker.done).toBe(true);
});

it("lets everybody go when it closes", async () => {
  const run = aRun();
  tell(run, 0, 16);
  const talker = told(share.room(run, 0));

  share.close();
  await vi.advanceTimersByTimeAsync(0);

  expect(talker.done).toBe(true);
  expect(share.room(run, 0)).toBeUndefined();
});
