import type { ArmedPoint } from "./points.ts";

/** Kinds of run that wait for a second person, by what becomes of them; `waiting` is left as it is. */
export const approvalKinds = ["approved", "rejected", "withdrawn", "overdue", "waiting"] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/** Kinds of run that the campaign starts. */
export const runKinds = ["plain", "waves", "cancelled", "long", "refused", ...approvalKinds] as const;
export type RunKind = (typeof runKinds)[number];

export function isApprovalKind(kind: RunKind): kind is ApprovalKind {
  return (approvalKinds as readonly RunKind[]).includes(kind);
}

/** What the campaign asks of a life; each may come again after a death, and then changes nothing more. */
export type Wish =
  | { readonly wish: "invite"; readonly controller: string }
  | { readonly wish: "start"; readonly key: string; readonly kind: RunKind; readonly hosts: number }
  | { readonly wish: "cancel" | "approve" | "reject"; readonly run: number }
  | { readonly wish: "drain"; readonly controller: string; readonly draining: boolean }
  /** How many runs are not final, but for those that wait for a second person without end. */
  | { readonly wish: "unfinished" }
  /** How many controllers are. */
  | { readonly wish: "connected" }
  | ({ readonly wish: "arm" } & ArmedPoint)
  | { readonly wish: "stop" };

export interface Asked {
  readonly id: number;
  readonly wish: Wish;
}

export type FromLife =
  /** It is loaded and begins to take up what an earlier life left; takes wishes; has taken up everything. */
  | { readonly phase: "recovering" | "serving" | "recovered" }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** Serves wishes in this process until one of them, or the campaign's end, ends it. */
export function serveWishes(grant: (wish: Wish) => unknown): void {
  process.on("message", ({ id, wish }: Asked) => {
    Promise.resolve()
      .then(() => grant(wish))
      .then(
        (value) => say({ id, value: value ?? null }),
        (error: unknown) => say({ id, error: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.on("disconnect", () => process.exit(1));
  say({ phase: "serving" });
}

export function say(message: FromLife): void {
  if (process.connected) process.send?.(message);
}

export function armedOf(words: readonly string[]): ArmedPoint | undefined {
  const [point, count] = words;
  return point === undefined ? undefined : { point, count: Number(count) };
}
