import type { Logger } from "pino";
import type { Store } from "../store/store.ts";
import type { OpenFile } from "./controller-link.ts";
import type { ControllerRegister } from "./controller-register.ts";
import type { Ingest } from "./ingest.ts";
import type { OrderKeeper } from "./order-keeper.ts";
import type { SigningKey } from "./orders.ts";
import type { Releases } from "./releases.ts";
import type { UnsentOrders } from "./unsent-orders.ts";

export interface AttachParts {
  readonly store: Store;
  readonly live: { changed(runId: number): void };
  readonly ingest: Ingest;
  readonly signingKey: SigningKey;
  readonly files: { readonly open: OpenFile };
  readonly log: Logger;
  readonly clock: () => number;
  readonly keeper: OrderKeeper;
  readonly register: ControllerRegister;
  readonly releases: Releases;
  readonly unsent: UnsentOrders;
  /** One link of a controller is served at a time: the next begins when the last has let go of the store. */
  readonly serving: Map<string, Promise<void>>;
}
