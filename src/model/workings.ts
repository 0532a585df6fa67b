/**
 * What single processes are at, beyond their row in pg_stat_activity: read while somebody looks at the processes. An empty list and
 * "none": nobody does this. Null: it was not read, because the server has refused it (Sample.refused), or this major does not tell.
 */
export interface Workings {
  /** pg_stat_replication: what each walsender feeds. */
  readonly standbys: readonly StandbyLink[] | null;
  /** pg_stat_wal_receiver. */
  readonly receiver: WalReceiver | "none" | null;
  /** "none" on a primary. */
  readonly recovery: Recovery | "none" | null;
  /** pg_stat_subscription, the workers that run. */
  readonly subscriptions: readonly SubscriptionWorker[] | null;
  /** pg_stat_progress_*: vacuum, and from 12 on create_index and cluster, from 13 on analyze and basebackup, from 14 on copy. */
  readonly progress: readonly Progress[] | null;
  /** pg_stat_io, from 16 on: since its reset, by type of process. */
  readonly io: readonly ProcessIo[] | null;
  /** Reads and writes that are under way asynchronously (pg_aios), from 18 on, where rights.getAios. */
  readonly ioUnderWay: number | null;
  /**
   * WAL files that wait for the archiver (pg_ls_archive_statusdir), from 12 on, where rights.listArchiveStatus. Ten seconds old at most;
   * null as well where there are more than MOST_FILES_COUNTED.
   */
  readonly walFilesToArchive: number | null;
}

/** To look at more of them than that may take longer than statement_timeout, and would lose the counters as well. */
export const MOST_FILES_COUNTED = 100_000;

export interface StandbyLink {
  readonly pid: number;
  /** "startup", "catchup", "streaming", "backup", "stopping"; null where hidden. */
  readonly state: string | null;
  /** "async", "potential", "sync", "quorum". */
  readonly syncState: string | null;
  /** The slot that it uses. */
  readonly slotName: string | null;
  /** From where WAL is now to what has been sent, and to what has been replayed there, in bytes. */
  readonly unsentBytes: number | null;
  readonly unreplayedBytes: number | null;
  /** replay_lag: null while there is nothing to replay. */
  readonly replaySeconds: number | null;
}

export interface WalReceiver {
  readonly pid: number;
  readonly status: string | null;
  /** From 11 on. */
  readonly senderHost: string | null;
  readonly senderPort: number | null;
  readonly slotName: string | null;
  /** When the primary was last heard, on the server's clock. */
  readonly lastMessageSeconds: number | null;
}

export interface Recovery {
  /** Received and not yet replayed. */
  readonly unreplayedBytes: number | null;
  /** Commit time, on the primary, of the last transaction that was replayed; null before the first. */
  readonly lastReplayedSeconds: number | null;
  readonly paused: boolean;
}

export interface SubscriptionWorker {
  readonly pid: number;
  readonly subscription: string;
  /** The table that is copied at the beginning; null for the one that applies changes. */
  readonly relation: string | null;
  /** When the publisher was last heard, on the server's clock; null before the first time. */
  readonly lastMessageSeconds: number | null;
}

export interface Progress {
  readonly pid: number;
  /**
   * "VACUUM", "ANALYZE", "CREATE INDEX", "CREATE INDEX CONCURRENTLY", "REINDEX", "REINDEX CONCURRENTLY", "CLUSTER", "VACUUM FULL",
   * "BASE_BACKUP", "COPY FROM", "COPY TO"; "COPY" where hidden.
   */
  readonly command: string;
  /** As the server names it: "scanning heap". Null of COPY, which has none, and where hidden. */
  readonly phase: string | null;
  readonly database: string | null;
  /** With its schema; null in another database, where only its number is known. */
  readonly relation: string | null;
  readonly relationId: number | null;
  /** Within this phase. All three are null in a phase that is not measured; the total alone where nobody knows it. */
  readonly done: number | null;
  readonly total: number | null;
  /** Lockers: transactions that CREATE INDEX CONCURRENTLY waits for. */
  readonly unit: "blocks" | "bytes" | "tuples" | "indexes" | "lockers" | null;
}

/** All contexts and objects together, from 18 on WAL among them. */
export interface ProcessIo {
  /** As in pg_stat_activity. */
  readonly backendType: string;
  readonly reads: number;
  readonly writes: number;
  /** Files made longer, which are no writes. */
  readonly extends: number;
  readonly fsyncs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}
