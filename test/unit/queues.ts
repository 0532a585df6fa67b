import type { PreparedXact } from "../../src/model/horizon.ts";
import type { LockQueue } from "../../src/model/lock-queue.ts";
import { SERVER_NOW } from "./builders.ts";

/** A queue for an AccessExclusiveLock on a table, each a second after the one before, the last a second ago, unless said otherwise. */
export function aQueue(waiters: readonly number[], given: Partial<LockQueue> = {}): LockQueue {
  return {
    lockType: "relation",
    mode: "AccessExclusiveLock",
    relation: "public.products",
    object: "",
    waiters,
    sinceSeconds: waiters.map((_, i) => SERVER_NOW - waiters.length + i),
    preparedHolders: [],
    ...given,
  };
}

export function aPreparedXact(gid: string, xid: number): PreparedXact {
  return { gid, owner: "billing", database: "shop", xid, preparedSeconds: SERVER_NOW - 7860 };
}
