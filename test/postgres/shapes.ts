import type { Pin } from "../../src/analysis/horizon.ts";
import type { TransactionKind } from "../../src/analysis/transaction-kind.ts";

export const IDLE_IN_TRANSACTION = "idle in transaction";
const ABORTED = "idle in transaction (aborted)";

export interface Shape {
  readonly shape: string;
  readonly does: readonly string[];
  /** How it is seen then. */
  readonly state: string;
  readonly kind: TransactionKind | null;
  /** What is listed as holding VACUUM back; null: nothing. */
  readonly pin: Pin["kind"] | null;
  /** Of a thousand rows that somebody else deletes now, so many VACUUM cannot remove. */
  readonly kept: 0 | 1000;
}

export const RR = "begin isolation level repeatable read";

/** What a session does, how we call it, and what VACUUM says. */
export const SHAPES: readonly Shape[] = [
  {
    shape: "READ COMMITTED, BEGIN only",
    does: ["begin"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "locks-only", pin: null, kept: 0 },
  },
  {
    shape: "READ COMMITTED, has read the very table",
    does: ["begin", "select count(*) from doomed"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "locks-only", pin: null, kept: 0 },
  },
  {
    shape: "READ COMMITTED, has written to another table",
    does: ["begin", "insert into other values (1)"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-xid", pin: "xid", kept: 1000 },
  },
  {
    shape: "READ COMMITTED, has locked a row of another table",
    does: ["begin", "select * from other limit 1 for update"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-xid", pin: "xid", kept: 1000 },
  },
  {
    shape: "READ COMMITTED, txid_current()",
    does: ["begin", "select txid_current()"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-xid", pin: "xid", kept: 1000 },
  },
  {
    shape: "READ COMMITTED, has written after a savepoint",
    does: ["begin", "savepoint s", "insert into other values (1)"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-xid", pin: "xid", kept: 1000 },
  },
  {
    shape: "READ COMMITTED, an open cursor",
    does: ["begin", "declare c cursor for select * from other", "fetch 1 from c"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-snapshot", pin: "snapshot", kept: 1000 },
  },
  {
    shape: "a cursor WITH HOLD after COMMIT",
    does: ["begin", "declare c cursor with hold for select * from other", "fetch 1 from c", "commit"],
    ...{ state: "idle", kind: null, pin: null, kept: 0 },
  },
  {
    shape: "REPEATABLE READ, BEGIN only",
    does: [RR],
    ...{ state: IDLE_IN_TRANSACTION, kind: "locks-only", pin: null, kept: 0 },
  },
  {
    shape: "REPEATABLE READ after SELECT 1",
    does: [RR, "select 1"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-snapshot", pin: "snapshot", kept: 1000 },
  },
  {
    shape: "SERIALIZABLE after SELECT 1",
    does: ["begin isolation level serializable", "select 1"],
    ...{ state: IDLE_IN_TRANSACTION, kind: "holds-snapshot", pin: "snapshot", kept: 1000 },
  },
  {
    shape: "failed after it has written",
    does: ["begin", "insert into other values (1)", "select 1/0"],
    ...{ state: ABORTED, kind: "nothing", pin: null, kept: 0 },
  },
  {
    shape: "failed after a savepoint, and has written before it",
    does: ["begin", "insert into other values (1)", "savepoint s", "select 1/0"],
    ...{ state: ABORTED, kind: "holds-xid", pin: "xid", kept: 1000 },
  },
  {
    shape: "failed after a savepoint, and has read before it",
    does: ["begin", "select * from other limit 1", "savepoint s", "select 1/0"],
    ...{ state: ABORTED, kind: "locks-only", pin: null, kept: 0 },
  },
];
