import type { Backend } from "../model/backend.ts";
import { isInTransaction } from "./states.ts";

/**
 * What a session that is idle in transaction keeps from VACUUM, measured from 10 to 18:
 * - `holds-xid`: it has written, or locked rows. All rows that have died since are kept, in every table of its database.
 * - `holds-snapshot`: an open cursor, or REPEATABLE READ and SERIALIZABLE after their first query. The same.
 * - `locks-only`: READ COMMITTED between two statements. It pins nothing; what locks it holds, if any (BEGIN alone takes none), it keeps.
 * - `nothing`: its transaction has failed. Locks, xid and snapshot are gone; it still takes a connection slot.
 */
export type TransactionKind = "holds-xid" | "holds-snapshot" | "locks-only" | "nothing";

/** Null: it is not idle in transaction, as far as our role can see. */
export function transactionKind(backend: Backend): TransactionKind | null {
  if (!isInTransaction(backend)) return null;
  if (backend.backendXid !== null) return "holds-xid";
  if (backend.backendXmin !== null) return "holds-snapshot";
  return isWhollyAborted(backend) ? "nothing" : "locks-only";
}

/**
 * What failed after a SAVEPOINT has failed back to that: what was written and locked before it is held as ever, though the state
 * says aborted. PostgreSQL forgets when a transaction began only where all of it has failed.
 */
function isWhollyAborted({ state, xactStartSeconds }: Backend): boolean {
  return state === "idle in transaction (aborted)" && xactStartSeconds === null;
}
