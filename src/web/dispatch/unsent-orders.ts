/**
 * Which orders of this process have certainly not left it. Such an order can be withdrawn by a cancel at once; of any
 * other, after a restart for instance, only its controller can say that nothing was started.
 */
export interface UnsentOrders {
  add(runUid: string, controller: string): void;
  /** Asked right before every sending; false when it was withdrawn. */
  maySend(runUid: string, controller: string): boolean;
  /** True when it has not been sent, and then it never will be. */
  withdraw(runUid: string, controller: string): boolean;
  forget(runUid: string, controller?: string): void;
}

export function createUnsentOrders(): UnsentOrders {
  const orders = new Map<string, Map<string, "unsent" | "withdrawn">>();
  return {
    add(runUid, controller) {
      const shares = orders.get(runUid) ?? new Map<string, "unsent" | "withdrawn">();
      orders.set(runUid, shares.set(controller, "unsent"));
    },
    maySend(runUid, controller) {
      const shares = orders.get(runUid);
      if (shares?.get(controller) === "withdrawn") return false;
      shares?.delete(controller);
      if (shares?.size === 0) orders.delete(runUid);
      return true;
    },
    withdraw(runUid, controller) {
      const shares = orders.get(runUid);
      if (shares?.get(controller) === undefined) return false;
      shares.set(controller, "withdrawn");
      return true;
    },
    forget(runUid, controller) {
      const shares = orders.get(runUid);
      if (controller !== undefined) shares?.delete(controller);
      if (controller === undefined || shares?.size === 0) orders.delete(runUid);
    },
  };
}
