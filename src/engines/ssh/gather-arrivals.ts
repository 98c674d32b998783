/**
 * Lets what many hosts send gather for a moment. A thread that is woken for every few bytes of a hundred hosts spends
 * most of its time on waking up; here it rests after it has read, unless that took it as long as the rest would, and then
 * finds several hosts' bytes at once. With few hosts at work nothing is held back.
 */
const restMilliseconds = 4;
const manyHosts = 12;

const neverTold = new Int32Array(new SharedArrayBuffer(4));
let atWork = 0;
let resting = false;

/** A host's program begins; to be undone by {@link leaveWork}. */
export function enterWork(): void {
  atWork += 1;
}

export function leaveWork(): void {
  atWork -= 1;
}

/** Something was read from a host. */
export function gatherArrivals(): void {
  if (resting || atWork < manyHosts) return;
  resting = true;
  const since = performance.now();
  setImmediate(() => {
    resting = false;
    const left = restMilliseconds - (performance.now() - since);
    if (left > 0) Atomics.wait(neverTold, 0, 0, left);
  });
}
