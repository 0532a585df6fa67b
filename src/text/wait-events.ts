// Waits in plain words, by the name of their event in small letters without signs between: one name for the spellings of all versions.

/** Beside those whose name ends in "main", which all are asleep until there is work. */
export const ACTIVITY: Readonly<Record<string, string>> = {
  archivermain: "asleep until a WAL file is full",
  bgwriterhibernate: "asleep: nobody wants buffers",
  checkpointermain: "asleep until the next checkpoint",
  checkpointershutdown: "has done the last checkpoint, waits for its own end",
  logicalapplymain: "waits for changes of the publisher",
  logicalparallelapplymain: "asleep until it is given a transaction",
  // Up to 12 it does not say from where.
  recoverywalall: "waits for WAL, from the archive or the primary",
  recoverywalstream: "waits for WAL of the primary",
  replicationslotsyncshutdown: "waits for the slotsync worker to end",
  walreceivermain: "waits for WAL of the primary",
  walsendermain: "waits for new WAL, or for the other side",
  walsummarizerwal: "waits for more WAL to summarize",
};

export const CLIENT: Readonly<Record<string, string>> = {
  clientread: "waits for its client to say something",
  clientwrite: "the client does not take its rows",
  gssopenserver: "waits for the client's half of GSSAPI",
  sslopenserver: "waits for the client's half of TLS",
  // Standbys and subscriptions alike.
  libpqwalreceiverconnect: "connects to the server it receives from",
  libpqwalreceiverreceive: "waits for an answer of the server it receives from",
  waitforstandbyconfirmation: "waits for the standbys of synchronized_standby_slots",
  walreceiverwaitstart: "waits to be told from where to stream",
  walsenderwaitforwal: "waits for new WAL: everything has been sent",
  walsenderwritedata: "the other side does not take what it is sent",
};

export const LOCKS: Readonly<Record<string, string>> = {
  advisory: "waits for an advisory lock, which the application has a meaning for",
  userlock: "waits for an advisory lock, which the application has a meaning for",
  applytransaction: "waits for another transaction of its subscription",
  extend: "waits for its turn to make a table longer",
  frozenid: "waits for its turn to note how far its database is frozen",
  object: "waits for a lock on an object that is no table",
  page: "waits for a lock on a page",
  relation: "waits for a lock on a table or an index",
  spectoken: "waits for somebody's INSERT … ON CONFLICT",
  speculativetoken: "waits for somebody's INSERT … ON CONFLICT",
  transactionid: "waits for another transaction to end, for a row of it",
  tuple: "waits for its turn at a row",
  virtualxid: "waits for another transaction to end, whatever it does",
};

export const TIMEOUTS: Readonly<Record<string, string>> = {
  basebackupthrottle: "holds back its base backup (MAX_RATE)",
  checkpointwritedelay: "spreads its writes over checkpoint_completion_target",
  pgsleep: "sleeps by pg_sleep()",
  recoveryapplydelay: "replays later on purpose (recovery_min_apply_delay)",
  recoveryretrieveretryinterval: "finds WAL nowhere, tries again (wal_retrieve_retry_interval)",
  registersyncrequest: "the checkpointer's queue of files to sync is full",
  spindelay: "waits for a spinlock that many want",
  vacuumdelay: "rests on purpose (vacuum_cost_delay)",
  vacuumtruncate: "waits for a lock, to cut empty pages off its table",
  walsummarizererror: "has failed, tries again in a moment",
};

const FOR_WORKERS = "waits for its parallel workers";
const FOR_THE_OTHERS = "waits for the others of its parallel query";
const TO_OR_FROM = "waits for another process of its group to send or to take";

export const IPC: Readonly<Record<string, string>> = {
  appendready: "waits for a foreign server of its Append",
  archivecleanupcommand: "runs archive_cleanup_command",
  archivecommand: "runs archive_command",
  backendtermination: "waits for another session to end",
  backendterminated: "waits for another session to end",
  backupwaitwalarchive: "waits for the archiver to take what its backup needs",
  bgworkershutdown: "waits for a background worker to end",
  bgworkerstartup: "waits for a background worker to begin",
  btreepage: FOR_THE_OTHERS,
  bufferio: "waits for somebody else's read or write of the same page",
  checkpointdelaycomplete: "waits for a session that holds up the end of the checkpoint",
  checkpointdelaystart: "waits for a session that holds up the begin of the checkpoint",
  checkpointdone: "waits for a checkpoint to end",
  checkpointstart: "waits for a checkpoint to begin",
  // Up to 12 xactgroupupdate.
  cloggroupupdate: "commits together with others",
  executegather: FOR_WORKERS,
  logicalapplysenddata: "waits for a parallel worker of its subscription to take changes",
  logicalparallelapplystatechange: "waits for a parallel worker of its subscription",
  logicalsyncdata: "waits for rows of the publisher",
  logicalsyncstatechange: "waits for the other worker of its subscription",
  messagequeueinternal: TO_OR_FROM,
  messagequeueputmessage: "waits for its leader to take a message",
  messagequeuereceive: "waits for rows of its parallel workers",
  messagequeuesend: "waits for its leader to take rows",
  multixactcreation: "waits for a multixact that somebody else makes",
  parallelbitmapscan: FOR_THE_OTHERS,
  parallelcreateindexscan: FOR_WORKERS,
  parallelfinish: FOR_WORKERS,
  procsignalbarrier: "waits until every process has taken note",
  procarraygroupupdate: "ends its transaction together with others",
  promote: "waits for this standby to be promoted",
  recoveryconflictsnapshot: "replay waits for queries here that see old rows",
  recoveryconflicttablespace: "replay waits for queries here, to drop a tablespace",
  recoveryendcommand: "runs recovery_end_command",
  recoverypause: "replay is paused: SELECT pg_wal_replay_resume()",
  replicationorigindrop: "waits for a replication origin to be free",
  replicationslotdrop: "waits for a replication slot to be free",
  restorecommand: "runs restore_command",
  safesnapshot: "waits for a safe snapshot (read only deferrable)",
  syncrep: "waits for the synchronous standby",
  walreceiverexit: "waits for the WAL receiver to end",
  walsummaryready: "waits for the WAL summarizer",
  xactgroupupdate: "commits together with others",
};
