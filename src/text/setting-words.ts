/** What the settings are for that are shown: in the order in which they are shown. */
export const SETTING_GROUPS = {
  "slots and processes": {
    max_connections:
      "So many sessions there can be at once, whoever they are. Each slot costs memory even when it is free, and sessions beyond what the processors can serve only wait for each other.",
    superuser_reserved_connections:
      "The last slots of max_connections are for superusers: the way in for whoever has to repair what has taken the others.",
    reserved_connections:
      "So many slots before the superusers' own are for roles with pg_use_reserved_connections: for monitoring, and for whoever is on call.",
    max_wal_senders: "So many standbys, backups and consumers of logical slots can be connected at once.",
    max_worker_processes:
      "Room for all workers in the background: parallel workers, logical replication, extensions. On a standby at least as much as on its primary.",
    max_prepared_transactions:
      "So many transactions can be prepared for a commit in two phases. Each holds its locks until somebody ends it: none where no coordinator needs it.",
    max_logical_replication_workers:
      "So many workers apply changes for subscriptions, or copy their tables; out of max_worker_processes.",
    authentication_timeout: "Whoever has not said who he is by then is sent away. Until then he may take a slot.",
    client_connection_check_interval:
      "How often a running query looks whether its client is still there. Off: it runs to its end for nobody.",
  },
  "time-outs": {
    statement_timeout: "A statement that runs for longer is cancelled.",
    lock_timeout: "Whoever waits for a lock for longer gives up, instead of making a queue behind itself.",
    idle_in_transaction_session_timeout:
      "A session that rests for longer in an open transaction is ended: its locks and what it holds VACUUM back by go with it.",
    idle_session_timeout:
      "A session that rests for longer outside of a transaction is ended. For people, not for a pool: its connections rest, and are needed.",
    transaction_timeout: "A transaction that lasts for longer is ended together with its session, at work or not.",
    deadlock_timeout:
      "After waiting for a lock for so long, a session looks for a deadlock, and the wait is logged with log_lock_waits.",
  },
  memory: {
    shared_memory_size:
      "All shared memory that the server has taken: its buffers most of all. It follows from other settings.",
    shared_buffers:
      "Pages of tables and indexes that all sessions share. The operating system keeps others in its own cache: a quarter of the memory is a good beginning.",
    huge_pages:
      "Whether shared memory is asked for in huge pages, which spares each session memory for page tables; try takes what there is.",
    huge_pages_status: "Whether shared memory is in huge pages now.",
    work_mem:
      "So much each sort and each hash of a query may take before it goes to disk: several of them in one query, and each parallel worker as much again.",
    hash_mem_multiplier: "A hash may take so many times work_mem.",
    maintenance_work_mem: "So much CREATE INDEX, VACUUM and ALTER TABLE may take, each of them.",
    autovacuum_work_mem: "So much each autovacuum worker may take.",
    temp_buffers: "So much a session may take for temporary tables, and keeps until it ends.",
    logical_decoding_work_mem: "So much a walsender may take to decode changes before it writes them to disk.",
    effective_cache_size:
      "What the planner believes to be cached, by us and by the operating system together. It takes no memory.",
  },
  "parallel workers": {
    max_parallel_workers:
      "So many parallel workers there can be for all sessions together; out of max_worker_processes.",
    max_parallel_workers_per_gather: "So many of them one query may have for each of its parallel parts.",
    max_parallel_maintenance_workers: "So many of them CREATE INDEX may have, and from 13 on VACUUM.",
  },
  autovacuum: {
    autovacuum: "Whether tables are vacuumed and analyzed by themselves. Off, only what threatens wraparound still is.",
    autovacuum_max_workers:
      "So many tables can be vacuumed at once. The workers share one cost limit: more of them alone make each slower.",
    autovacuum_worker_slots: "So many workers autovacuum_max_workers can be raised to without a restart.",
    autovacuum_naptime: "In each database, a worker is begun about that often.",
    autovacuum_vacuum_cost_delay: "So long a worker rests each time it has used up its share of the cost limit.",
    autovacuum_vacuum_cost_limit:
      "So much all workers together may do before they rest: a page read from disk costs 2 (10 up to 13), one that is changed 20.",
    track_counts:
      "Whether changes of rows are counted. Off, autovacuum does not know what to do: only what threatens wraparound is vacuumed.",
    autovacuum_freeze_max_age:
      "A table whose oldest transaction id is older is vacuumed in any case, and nobody's lock request makes that stop.",
    autovacuum_multixact_freeze_max_age: "The same for multixacts, which stand for several that have locked one row.",
  },
  durability: {
    fsync:
      "Whether what is written is forced to disk. Off, a crash of the machine may destroy the whole database: for data that can be made anew at any time.",
    full_page_writes:
      "Whether a page goes to WAL whole when it is changed for the first time after a checkpoint: from that copy a page that was half written is repaired.",
    synchronous_commit:
      "Whether a commit waits until its WAL is on disk, or with a standby. Off, a crash may lose the last commits, and nothing else: a choice, also of single transactions.",
    data_checksums:
      "Whether pages have checksums, by which damage is noticed when they are read. Chosen by initdb or pg_checksums.",
    zero_damaged_pages:
      "Whether a damaged page is taken for an empty one instead of an error. For getting out what is left of a table.",
    ignore_checksum_failure: "Whether a page that fails its checksum is read all the same, with a warning.",
  },
  "WAL and archive": {
    wal_level:
      "How much WAL tells: minimal for crash recovery, replica for standbys and archives, logical for logical slots as well.",
    wal_segment_size: "WAL is written, archived and removed in files of that size. It was chosen by initdb.",
    max_wal_size:
      "A checkpoint begins early when so much WAL would be kept otherwise. No limit: slots, a broken archive and load let it grow beyond.",
    checkpoint_timeout:
      "A checkpoint begins so long after the last one: what has to be replayed after a crash is from since then.",
    checkpoint_completion_target: "Over so much of the time until the next one, a checkpoint spreads its writes.",
    archive_mode:
      "Whether WAL files are archived, by archive_command or from 15 on archive_library. always: on a standby as well.",
    archive_timeout:
      "A WAL file is ended and archived after so long even if it is not full: so much can be lost with the machine.",
    summarize_wal: "Whether it is noted which pages WAL changes, for incremental backups.",
    max_slot_wal_keep_size:
      "So much WAL a replication slot may keep; one that would need more is invalidated instead of filling the disk.",
    hot_standby: "Whether a standby lets sessions in that only read.",
    hot_standby_feedback:
      "Whether a standby tells its primary which rows its queries need: they are not cancelled then, and VACUUM on the primary is held back.",
  },
  other: {
    io_method:
      "How files are read ahead: worker by processes of the server's own, io_uring by the kernel, sync by each session itself.",
    io_workers: "So many processes read for the sessions, with io_method = worker.",
    logging_collector:
      "Whether a process of the server's own writes the log to files. Off, the log goes to stderr, and whoever has started the server keeps it.",
    track_activities: "Whether sessions tell their state and query. Off, nobody sees what they do.",
    track_io_timing: "Whether the time of reads and writes is measured.",
    update_process_title:
      "Whether processes say in their titles what they do: what ps shows, and what is left to look at without a connection.",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type SettingGroup = keyof typeof SETTING_GROUPS;

const BY_NAME: ReadonlyMap<string, { readonly group: SettingGroup; readonly does: string }> = new Map(
  Object.entries(SETTING_GROUPS).flatMap(([group, words]) =>
    Object.entries(words).map(([name, does]) => [name, { group: group as SettingGroup, does }] as const),
  ),
);

/** What a setting is for; null: it is none of those. */
export function settingWords(name: string): string | null {
  return BY_NAME.get(name)?.does ?? null;
}

export function settingGroup(name: string): SettingGroup {
  return BY_NAME.get(name)?.group ?? "other";
}

/** What a value stands for that is no amount; null: it is what it says. Short enough for a column. */
export function valueWord(name: string, value: string): string | null {
  return VALUE_WORDS[name]?.[value] ?? null;
}

const ZERO_IS_OFF = { "0": "off" } as const;
const VALUE_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  statement_timeout: ZERO_IS_OFF,
  lock_timeout: ZERO_IS_OFF,
  idle_in_transaction_session_timeout: ZERO_IS_OFF,
  idle_session_timeout: ZERO_IS_OFF,
  transaction_timeout: ZERO_IS_OFF,
  client_connection_check_interval: ZERO_IS_OFF,
  archive_timeout: ZERO_IS_OFF,
  autovacuum_vacuum_cost_delay: ZERO_IS_OFF,
  max_slot_wal_keep_size: { "-1": "no limit" },
};

/** Of what a value is another name for, as a sentence says it; null: of nothing. */
export function standsFor(name: string, value: string): string | null {
  return value === "-1" ? (OTHERS[name] ?? null) : null;
}

const OTHERS: Readonly<Record<string, string>> = {
  autovacuum_work_mem: "maintenance_work_mem",
  autovacuum_vacuum_cost_delay: "vacuum_cost_delay",
  autovacuum_vacuum_cost_limit: "vacuum_cost_limit",
};

/** What is right for one role and wrong for another. */
export function isBestForRoles(name: string): boolean {
  return FOR_ROLES.has(name);
}

const FOR_ROLES: ReadonlySet<string> = new Set([
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "transaction_timeout",
  "work_mem",
  "hash_mem_multiplier",
  "maintenance_work_mem",
  "temp_buffers",
  "max_parallel_workers_per_gather",
]);
