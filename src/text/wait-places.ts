import { own } from "./own.ts";

/** I/O: what is done, told by how the event's name ends, to what, told by how it begins; null where neither is known. */
export function ioWords(name: string): string | null {
  const whole = own(IO_WHOLE, name);
  if (whole !== undefined) return whole;
  const file = FILES.find(([begins]) => name.startsWith(begins))?.[1];
  const doing = DOINGS.find(([ends]) => name.endsWith(ends))?.[1];
  return file === undefined || doing === undefined ? null : doing(file);
}

/** Light-weight locks, which guard what all share in memory: who waits for them waits for many who want the same. */
export function latchWords(name: string): string | null {
  const plain = name.replace(/lock$/, "");
  return LATCHES.find(([begins]) => plain.startsWith(begins))?.[1] ?? null;
}

const DOINGS: readonly (readonly [ends: string, (file: string) => string])[] = [
  ["read", (file) => `reads ${file}`],
  ["prefetch", (file) => `reads ${file} ahead`],
  ["write", (file) => `writes ${file}`],
  ["extend", (file) => `makes ${file} longer`],
  ["truncate", (file) => `cuts ${file} off`],
  ["flush", (file) => `hands ${file} to the disk`],
  ["sync", (file) => `waits for ${file} to reach the disk`],
  ["replace", (file) => `replaces ${file}`],
  ["copy", (file) => `copies ${file}`],
  ["update", (file) => `writes ${file}`],
];

const IO_WHOLE: Readonly<Record<string, string>> = {
  aioiocompletion: "waits for a read or write that another process does for it",
  aioiouringexecution: "waits for a read or write that the kernel does",
  aioiouringsubmit: "hands reads or writes to the kernel",
  aiosubmit: "hands reads or writes to the kernel",
  aiodrain: "waits for its reads and writes to end",
  dsmallocate: "makes shared memory for a parallel query",
  controlfilesyncupdate: "waits for pg_control to reach the disk",
  walsyncmethodassign: "waits for WAL to reach the disk, as its method changes",
  walsyncmethodassignment: "waits for WAL to reach the disk, as its method changes",
};

/** Whoever begins as another does stands before it. */
const FILES: readonly (readonly [begins: string, string])[] = [
  ["basebackup", "files of a base backup"],
  ["buffile", "a temporary file"],
  ["controlfile", "pg_control"],
  ["copyfile", "a file for a new database"],
  ["datafile", "a table or an index"],
  ["dsmfillzero", "shared memory"],
  ["lockfile", "postmaster.pid"],
  ["logicalrewrite", "what logical decoding needs of a rewritten catalog"],
  ["relationmap", "pg_filenode.map"],
  ["reorderbuffer", "a large transaction that is decoded"],
  ["reorderlogicalmapping", "what logical decoding needs of a rewritten catalog"],
  ["replicationslot", "a replication slot"],
  ["slru", "transaction states"],
  ["snapbuild", "a snapshot for logical decoding"],
  ["timelinehistory", "the history of timelines"],
  ["twophasefile", "a prepared transaction"],
  ["versionfile", "a new database"],
  ["walbootstrap", "the first WAL"],
  ["walcopy", "a WAL file that is copied"],
  ["walinit", "a new WAL file"],
  ["walsendertimelinehistory", "the history of timelines"],
  ["walsummary", "a summary of WAL"],
  ["wal", "WAL"],
];

const STATES = "many look up the states of transactions at once";
const PARALLEL = "waits for the others of its parallel query";
const SERIALIZABLE = "many serializable transactions at once";
const SLOTS = "many look at replication slots at once";
const MULTIXACTS = "many lock the same rows FOR SHARE or by foreign keys";

const LATCHES: readonly (readonly [begins: string, string])[] = [
  ["addin", "waits for its turn at an extension's shared memory"],
  ["aio", "many hand over reads and writes at once"],
  ["asyncctl", "many send or read NOTIFY at once"],
  ["async", "many send or read NOTIFY at once"],
  ["notify", "many send or read NOTIFY at once"],
  ["autofile", "somebody else runs ALTER SYSTEM"],
  ["autovacuum", "autovacuum workers choose their tables one by one"],
  ["backgroundworker", "many start or end background workers at once"],
  ["btreevacuum", "many vacuum indexes at once"],
  ["buffercontent", "waits for a page that others read or write at this moment"],
  ["bufferio", "waits for somebody else's read or write of the same page"],
  ["buffermapping", "many bring pages into shared_buffers at once"],
  ["checkpointercomm", "many hand files to the checkpointer at once"],
  ["checkpoint", "waits for a checkpoint"],
  ["clog", STATES],
  ["xact", STATES],
  ["committs", "many look up the times of commits at once"],
  ["controlfile", "waits for its turn at pg_control"],
  ["dsmregistry", "waits for its turn at an extension's shared memory"],
  ["dynamicsharedmemory", "many begin parallel queries at once"],
  ["lockfastpath", "many take locks at once, on more tables than each has quick places for"],
  // The same, up to 12.
  ["procarray", "many take snapshots or end transactions at once"],
  ["proc", "many take locks at once, on more tables than each has quick places for"],
  ["lockmanager", "many take locks at once"],
  ["logicalrep", "waits for its turn at the list of subscription workers"],
  ["multixact", MULTIXACTS],
  ["oidgen", "many create objects or large values at once"],
  ["oldserxid", SERIALIZABLE],
  ["parallelvacuum", "waits for the others of its parallel VACUUM"],
  ["parallel", PARALLEL],
  ["persession", PARALLEL],
  ["perxactpredicate", SERIALIZABLE],
  ["pgstats", "many write statistics at once"],
  ["predicate", SERIALIZABLE],
  ["relcacheinit", "many begin after a change of the catalogs at once"],
  ["relationmapping", "waits for its turn at pg_filenode.map"],
  ["replicationorigin", "many apply changes at once"],
  ["replicationslot", SLOTS],
  ["serial", SERIALIZABLE],
  ["sharedtidbitmap", PARALLEL],
  ["sharedtuplestore", PARALLEL],
  ["tbm", PARALLEL],
  ["shmemindex", "waits for its turn at an extension's shared memory"],
  ["sinval", "many take note of changed catalogs at once"],
  ["subtrans", "transactions with very many savepoints: look for who has them"],
  ["syncrep", "many commits wait for the synchronous standby"],
  ["syncscan", "many read the same large table at once"],
  ["tablespacecreate", "somebody else makes or drops a tablespace"],
  ["twophasestate", "many prepare transactions at once"],
  ["waitevent", "waits for its turn at the names of wait events"],
  ["walbufmapping", "WAL comes faster than wal_buffers are emptied"],
  ["walinsert", "many write WAL at once"],
  ["walsummarizer", "waits for its turn at the state of the WAL summarizer"],
  ["walwrite", "waits for others to write WAL to disk"],
  ["wraplimits", "waits for its turn at the limits of xids"],
  ["xidgen", "many begin to write at once"],
];
