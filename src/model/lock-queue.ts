/**
 * Everybody who waits for one lock in one mode, as pg_locks has it. Whoever stands in the same queue is blocked by the same holders, so
 * that the blockers of the first ones tell those of the others.
 */
export interface LockQueue {
  /** pg_locks.locktype, an open list: relation, transactionid, tuple, virtualxid, advisory, object, extend, spectoken … */
  readonly lockType: string;
  /** The mode that is wanted, in pg_locks' words: AccessExclusiveLock. */
  readonly mode: string;
  /** `public.accounts`, quoted where psql would; of another database `relation 16384 of shop`. Null: the lock is on no relation. */
  readonly relation: string | null;
  /** What else names the lock within its type: `(3,7)` of a tuple, an xid, `4/182`, the keys of an advisory lock. Empty: nothing does. */
  readonly object: string;
  /** Pids, the longest waiting first where the server tells since when, else by pid. Parallel workers wait by themselves. */
  readonly waiters: readonly number[];
  /** Since when each of them has been waiting, seconds on the server's clock; empty where the server does not tell (before 14). */
  readonly sinceSeconds: readonly number[];
  /** Prepared transactions that hold this lock, by their xid and the mode they hold it in. */
  readonly preparedHolders: readonly PreparedHolder[];
}

export interface PreparedHolder {
  readonly xid: number;
  readonly mode: string;
}
