import { expect, test } from "vitest";
import { processPurpose } from "../../src/text/process-words.ts";
import { isAsleep, knownWait, waitWords } from "../../src/text/wait-words.ts";

test.each([
  ["Activity", "AutoVacuumMain", "asleep until there is work"],
  ["Activity", "AutovacuumMain", "asleep until there is work"],
  ["Activity", "ArchiverMain", "asleep until a WAL file is full"],
  ["Activity", "PgStatMain", "asleep until there is work"],
  ["Activity", "RecoveryWalAll", "waits for WAL, from the archive or the primary"],
  ["Activity", "RecoveryWalStream", "waits for WAL of the primary"],
  ["Client", "ClientRead", "waits for its client to say something"],
  ["Client", "ClientWrite", "the client does not take its rows"],
  ["Client", "WalSenderWaitForWAL", "waits for new WAL: everything has been sent"],
  ["Client", "WalSenderWaitForWal", "waits for new WAL: everything has been sent"],
  // A client's event up to 13, another process's from then on.
  ["Client", "WalReceiverWaitStart", "waits to be told from where to stream"],
  ["IPC", "WalReceiverWaitStart", "waits to be told from where to stream"],
  ["IO", "DataFileRead", "reads a table or an index"],
  ["IO", "WALWrite", "writes WAL"],
  ["IO", "WALSync", "waits for WAL to reach the disk"],
  ["IO", "WalSync", "waits for WAL to reach the disk"],
  ["IO", "BufFileWrite", "writes a temporary file"],
  ["IO", "ControlFileSyncUpdate", "waits for pg_control to reach the disk"],
  ["IO", "DataFileExtend", "makes a table or an index longer"],
  ["IPC", "SyncRep", "waits for the synchronous standby"],
  ["IPC", "Hash/Batch/Allocating", "waits for the others of its parallel hash join"],
  ["IPC", "HashBatchAllocate", "waits for the others of its parallel hash join"],
  ["IPC", "ClogGroupUpdate", "commits together with others"],
  ["IPC", "BgWorkerShutdown", "waits for a background worker to end"],
  ["Lock", "transactionid", "waits for another transaction to end, for a row of it"],
  ["Lock", "relation", "waits for a lock on a table or an index"],
  ["Lock", "speculative token", "waits for somebody's INSERT … ON CONFLICT"],
  ["LWLock", "buffer_content", "waits for a page that others read or write at this moment"],
  ["LWLock", "BufferContent", "waits for a page that others read or write at this moment"],
  ["LWLock", "WALWriteLock", "waits for others to write WAL to disk"],
  ["LWLock", "WALWrite", "waits for others to write WAL to disk"],
  ["LWLock", "ProcArrayLock", "many take snapshots or end transactions at once"],
  ["LWLock", "proc", "many take locks at once, on more tables than each has quick places for"],
  ["LWLock", "lock_manager", "many take locks at once"],
  ["LWLock", "CLogControlLock", "many look up the states of transactions at once"],
  ["LWLock", "XactSLRU", "many look up the states of transactions at once"],
  ["LWLock", "XidGenLock", "many begin to write at once"],
  ["BufferPin", "BufferPin", "waits until nobody looks at a page that it has to tidy up"],
  ["Buffer", "BufferCleanup", "waits until nobody looks at a page that it has to tidy up"],
  ["Buffer", "BufferExclusive", "waits for a page in memory that others use"],
  ["Timeout", "VacuumDelay", "rests on purpose (vacuum_cost_delay)"],
  ["Timeout", "CheckpointWriteDelay", "spreads its writes over checkpoint_completion_target"],
  ["Timeout", "PgSleep", "sleeps by pg_sleep()"],
])("%s %s: %s", (type, event, words) => {
  expect(waitWords(type, event)).toBe(words);
  expect(waitWords(type, event.toUpperCase())).toBe(words);
});

test.each([
  ["Activity", "SomethingElse", "asleep: SomethingElse"],
  ["IPC", "NameOfEvent", "waits for another process (IPC): NameOfEvent"],
  ["IO", "NameOfEvent", "waits for a file (IO): NameOfEvent"],
  ["LWLock", "NameOfEvent", "waits for its turn at shared memory: NameOfEvent"],
  ["Extension", "Extension", "waits in an extension"],
  ["Extension", "PgCronMain", "waits in an extension: PgCronMain"],
  ["Timeout", "constructor", "waits for a time to pass: constructor"],
  ["Later", "NameOfEvent", "waits (Later): NameOfEvent"],
  ["constructor", "toString", "waits (constructor): toString"],
])("of what we do not know, %s %s, it says the type: %s", (type, event, words) => {
  expect(waitWords(type, event)).toBe(words);
});

test("without SQL a title says that it waits for a lock, and not for which one", () => {
  expect(waitWords("Lock", null)).toBe("waits for a lock");
});

test("who waits for nothing has no words, and who rests is known", () => {
  expect(waitWords(null, null)).toBeNull();
  expect(knownWait("IPC", "NameOfEvent")).toBeNull();
  expect([isAsleep("Activity"), isAsleep("IO"), isAsleep(null)]).toEqual([true, false, false]);
});

test("of a worker that an extension has started nothing is claimed, whatever its name", () => {
  const honest = "what an extension or an application has started; only that knows what it does";
  for (const kind of ["pg_cron launcher", "constructor", ""]) expect(processPurpose(kind)).toBe(honest);
  expect(processPurpose(null)).toBe("what it is, its title does not tell");
});
