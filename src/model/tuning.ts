/** Settings that findings reason about, read every ten seconds. Durations in seconds, 0 is off; memory in bytes. */
export interface Tuning {
  readonly workMemBytes: number;
  /** 1 before 13, where there is no such setting. */
  readonly hashMemMultiplier: number;
  readonly maintenanceWorkMemBytes: number;
  readonly autovacuumMaxWorkers: number;
  /** Of each autovacuum worker: autovacuum_work_mem, or maintenance_work_mem where that is -1. */
  readonly autovacuumWorkMemBytes: number;
  readonly tempBuffersBytes: number;
  readonly maxParallelWorkers: number;
  readonly maxParallelWorkersPerGather: number;
  /** shared_memory_size from 15 on, else shared_buffers, which is most of it. */
  readonly sharedBytes: number;
  readonly autovacuumFreezeMaxAge: number;
  readonly autovacuumMultixactFreezeMaxAge: number;
  readonly maxPreparedTransactions: number;
  /**
   * What a session gets for which neither role nor database say otherwise; null: the server has no such setting, or our own role or
   * database has one of its own, which hides it from us.
   */
  readonly timeouts: Readonly<Record<TimeoutName, number | null>>;
  /** ALTER ROLE … SET, ALTER DATABASE … SET, ALTER ROLE … IN DATABASE … SET of any of these. */
  readonly overrides: readonly Override[];
  /** Memory of the machine, or of the container, that the server runs in; null where that is not this one, or cannot be told. */
  readonly machineBytes: number | null;
  /** What `machineBytes` is; null with it. */
  readonly machineIs: "machine" | "control group" | null;
  /** All settings that are shown or reasoned about; from them come the numbers above. */
  readonly settings: readonly Setting[];
}

/** One row of pg_settings: what a session begins with that sets nothing itself. */
export interface Setting {
  readonly name: string;
  /** In `unit`, as the server runs with it now. */
  readonly value: string;
  /** "8kB", "kB", "MB", "B", "ms", "s", "min"; null: none. */
  readonly unit: string | null;
  /** What it is without anybody's doing, in `unit`. */
  readonly bootValue: string | null;
  /** Where the value comes from: "default", "configuration file", "command line" …; null: our own session has another, which hides it. */
  readonly source: string | null;
  /** Who may change it and when: "postmaster" needs a restart, "sighup" a reload; "user", "superuser", "internal" …. */
  readonly context: string;
  /** The configuration files say something else, which only a restart brings about. */
  readonly pendingRestart: boolean;
}

export const TIMEOUTS = [
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "transaction_timeout",
] as const;

export type TimeoutName = (typeof TIMEOUTS)[number];

export interface Override {
  /** Null: for all databases, or all roles. */
  readonly database: string | null;
  readonly role: string | null;
  readonly name: string;
  /** As it was written: "5min", "64MB". */
  readonly value: string;
}
