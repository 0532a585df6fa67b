/**
 * What the server's processes take of the machine, read from /proc where the server runs on this one; read while somebody looks at
 * it, and kept of the latest samples alone.
 */
export interface Usage {
  readonly postmasterPid: number;
  /** The postmaster itself and every child of it, those that no row of pg_stat_activity tells of among them. */
  readonly processes: ReadonlyMap<number, ProcessUsage>;
  /** Memory that the control group of the server uses now, page cache among it; null where it has none. */
  readonly groupBytes: number | null;
}

/** Null is not known: not yet measured, or not for us to see. */
export interface ProcessUsage {
  readonly pid: number;
  /** Seconds since the epoch, on our clock. */
  readonly startedSeconds: number;
  /** What its title says that it is, in the words of pg_stat_activity: "logger", "checkpointer"; null: it cannot be told. */
  readonly kind: string | null;
  /**
   * Of its title, what stands behind "postgres: "; null for a client backend that is in, whose row tells more, and for the
   * postmaster, which has none.
   */
  readonly title: string | null;
  /** Of one processor, since it was looked at before. */
  readonly cpuPercent: number | null;
  /** Memory of its own: what is at stake is `memoryHow`. */
  readonly memoryBytes: number | null;
  /**
   * "measured": anonymous memory that it shares with nobody, by share, and its page tables (Pss_Anon + VmPTE). "at most": RssAnon +
   * VmPTE, where we may not look closer: pages that it still shares with the postmaster count in full. Never RSS, which counts
   * shared_buffers once more for each process.
   */
  readonly memoryHow: "measured" | "at most" | null;
  /** From and to disks, a second, since it was looked at before. */
  readonly readBytesPerSecond: number | null;
  readonly writtenBytesPerSecond: number | null;
}
