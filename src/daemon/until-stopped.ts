/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, for when stopping hangs. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    function stop(signal: NodeJS.Signals): void {
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    }
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
