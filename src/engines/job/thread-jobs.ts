/** What the thread of an engine hears of each of its jobs, whatever it carries. */
export type ThreadJobMessage =
  /** So much more output may be told. */
  | { readonly kind: "credit"; readonly job: number; readonly bytes: number }
  | { readonly kind: "cancel"; readonly job: number }
  /** Every host of the job has ended. */
  | { readonly kind: "forget"; readonly job: number };

interface ThreadJob {
  addCredit(bytes: number): void;
  cancel(): void;
}

/** What comes for a job that is over is dropped. */
export function takeJobMessage(jobs: Map<number, ThreadJob>, message: ThreadJobMessage): void {
  switch (message.kind) {
    case "credit":
      jobs.get(message.job)?.addCredit(message.bytes);
      return;
    case "cancel":
      jobs.get(message.job)?.cancel();
      return;
    case "forget":
      jobs.delete(message.job);
      return;
  }
}
