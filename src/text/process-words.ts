import { own } from "./own.ts";

/** What a kind of process is for, in half a line, for somebody who was woken by it; kinds in the words of pg_stat_activity. */
export function processPurpose(kind: string | null): string {
  if (kind === null) return "what it is, its title does not tell";
  return own(PURPOSES, kind) ?? "what an extension or an application has started; only that knows what it does";
}

/** Of a parallel apply worker, wherever it is seen to block or to wait: in sentences. */
export function parallelApplyWords(leader: number): readonly string[] {
  return [
    `It works for the apply worker ${leader}, which gives it the changes of a large transaction while that still runs on the publisher.`,
    "That one of the two waits for the other is as it should be: to end it fails the transaction for both, and it begins anew.",
  ];
}

const APPLIES = "applies the changes of a subscription";

const PURPOSES: Readonly<Record<string, string>> = {
  postmaster: "accepts connections, starts all others; when one of them crashes it restarts them all",
  startup: "replays WAL: after a crash until it is caught up, on a standby for ever",
  walreceiver: "fetches WAL from the primary as it is written",
  checkpointer: "writes dirty buffers to disk at checkpoints, so that crash recovery is short",
  "background writer": "writes dirty buffers ahead of need, so that sessions find clean ones",
  walwriter: "writes WAL to disk every moment, for commits that do not wait for it",
  walsummarizer: "notes which blocks change, for incremental backups",
  archiver: "hands each full WAL file to the archive; until it is taken, it stays in pg_wal",
  "io worker": "reads and writes for others, so that they need not wait",
  logger: "writes the server's log to files",
  "stats collector": "counts for pg_stat_*, from which autovacuum knows what to do",
  "autovacuum launcher": "decides which database is next, and has a worker started for it",
  "autovacuum worker": "vacuums and analyzes tables of one database, one after the other",
  "logical replication launcher": "starts a worker for each subscription",
  "logical replication worker": `${APPLIES}, or copies a table for it`,
  "logical replication apply worker": APPLIES,
  "logical replication tablesync worker": "copies a table when its subscription begins",
  "logical replication parallel worker": "applies a large transaction while it still runs on the publisher",
  "slotsync worker": "keeps logical slots of the primary on this standby, for a fail-over",
  walsender: "sends WAL to a standby, changes to a subscriber, or a base backup",
  "parallel worker": "does a part of its leader's query",
  "background worker": "a worker of the server's or of an extension; before 11 there is one word for all",
  "client backend": "one session of a client",
  "half-open": "accepted, and has not said yet who it is",
  sessions: "one process for each connection of a client",
  connecting: "accepted, and not in yet: has to say who it is, or to prove it",
  hidden: "rows that our role may count and not read",
};
