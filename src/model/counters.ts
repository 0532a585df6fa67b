/**
 * What the server has counted since its counters were last reset: read with the settings every ten seconds, and with each sample while
 * somebody looks at its processes. Rates are differences of two of these. Null is not known: this major does not count it, or not for us.
 */
export interface Counters {
  /** The server's clock when they were read. */
  readonly atSeconds: number;
  readonly checkpoints: CheckpointCounters;
  readonly buffers: BufferCounters;
  /** On a primary where WAL is inserted, on a standby up to where it was replayed: bytes since the beginning of all time. */
  readonly walBytes: number | null;
  readonly archiver: ArchiverCounters;
  /** What sessions of all databases have written to temporary files because work_mem was too small for it. */
  readonly temporary: { readonly files: number; readonly bytes: number };
}

/**
 * pg_stat_bgwriter up to 16, pg_stat_checkpointer from 17 on. Times in milliseconds. Up to 16 a standby counts its restartpoints as
 * checkpoints.
 */
export interface CheckpointCounters {
  readonly timed: number;
  readonly requested: number;
  /** From 18 on; one that has nothing to do is not done. */
  readonly done: number | null;
  readonly writeMs: number;
  readonly syncMs: number;
  readonly buffers: number;
  /** From 17 on, on a standby. */
  readonly restartpoints: { readonly timed: number; readonly requested: number; readonly done: number } | null;
  readonly resetSeconds: number | null;
}

/** Buffers of 8 kB, by who has written them. */
export interface BufferCounters {
  readonly backgroundWriter: number;
  /** How often the background writer has stopped because it had written bgwriter_lru_maxpages. */
  readonly backgroundWriterStopped: number;
  /**
   * By sessions themselves, their parallel workers and autovacuum: up to 16 of pg_stat_bgwriter, which counts as well what files
   * were made longer by; from 17 on of pg_stat_io, which has a reset of its own.
   */
  readonly sessions: number | null;
  readonly allocated: number;
  readonly resetSeconds: number | null;
}

/** pg_stat_archiver. */
export interface ArchiverCounters {
  readonly archived: number;
  readonly lastArchivedWal: string | null;
  readonly lastArchivedSeconds: number | null;
  readonly failed: number;
  readonly lastFailedWal: string | null;
  readonly lastFailedSeconds: number | null;
  /** Of the file that is written now: on the primary alone. */
  readonly currentWal: string | null;
  /**
   * Bytes between the end of the last archived file and where WAL is written now; null where one of them is not known, and without
   * an archive.
   */
  readonly behindBytes: number | null;
  readonly resetSeconds: number | null;
}
