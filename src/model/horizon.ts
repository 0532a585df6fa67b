import type { PreparedTransaction } from "./action.ts";

/** What may hold VACUUM back beside the sessions, which carry their xid and xmin themselves. Read with every sample. */
export interface Holdouts {
  readonly prepared: readonly PreparedXact[];
  readonly slots: readonly ReplicationSlot[];
}

/** A row of pg_prepared_xacts. */
export interface PreparedXact extends PreparedTransaction {
  /** 32 bits. */
  readonly xid: number;
}

/** A row of pg_replication_slots. */
export interface ReplicationSlot {
  readonly name: string;
  readonly kind: "physical" | "logical";
  /** Null for a physical one. */
  readonly database: string | null;
  readonly active: boolean;
  /** The walsender that uses it. */
  readonly activePid: number | null;
  /** What user tables must keep; set by hot_standby_feedback of a standby, as a rule null for a logical one. 32 bits. */
  readonly xmin: number | null;
  /** What system catalogs must keep, and nothing else. 32 bits. */
  readonly catalogXmin: number | null;
  /** Bytes of WAL that are kept for it; null where it reserves none. */
  readonly retainedBytes: number | null;
  /** Since when nobody has used it, seconds on the server's clock; null before 17, and while it is used. */
  readonly inactiveSinceSeconds: number | null;
}

/** How far a database is from the end of its transaction ids; the oldest ones only, in order. */
export interface DatabaseAge {
  readonly name: string;
  /** age(datfrozenxid) and mxid_age(datminmxid). */
  readonly xids: number;
  readonly multixacts: number;
}

/** A table of our own database whose dead rows VACUUM has not removed yet, as the statistics have it: estimates, and no more than that. */
export interface DeadTuples {
  /** `public.accounts`, quoted where psql would. */
  readonly table: string;
  /** They are in its TOAST table, where long values are. */
  readonly toast: boolean;
  readonly live: number;
  readonly dead: number;
  /** When VACUUM last ended on it, by hand and by autovacuum, seconds on the server's clock; null: not since the statistics began. */
  readonly vacuumSeconds: number | null;
  readonly autovacuumSeconds: number | null;
}
