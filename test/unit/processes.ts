import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { append, emptyHistory, type History } from "../../src/history/history.ts";
import {
  aBackend,
  aCounters,
  aHiddenBackend,
  anAuxiliary,
  aProcessUsage,
  aSample,
  aSetting,
  aServer,
  aServersWorker,
  aTuning,
  aUsage,
  aWorkings,
  backends,
  NOW,
  SERVER_NOW,
  settings,
} from "./builders.ts";

const MB = 2 ** 20;
const DAYS_41 = 41 * 86_400;

export function asleep(backendType: string, pid: number, waitEvent: string, waitEventType = "Activity"): Backend {
  return { ...anAuxiliary(backendType, pid), waitEventType, waitEvent, backendStartSeconds: SERVER_NOW - DAYS_41 };
}

const OWN: readonly Backend[] = [
  asleep("checkpointer", 901, "CheckpointWriteDelay", "Timeout"),
  asleep("background writer", 902, "BgwriterMain"),
  asleep("walwriter", 903, "WalWriterMain"),
  asleep("walsummarizer", 904, "WalSummarizerWal"),
  asleep("archiver", 905, "ArchiverMain"),
  asleep("io worker", 906, "IoWorkerMain"),
  asleep("io worker", 907, "IoWorkerMain"),
  { ...asleep("io worker", 908, "DataFileRead", "IO") },
  asleep("autovacuum launcher", 909, "AutovacuumMain"),
  { ...asleep("logical replication launcher", 910, "LogicalLauncherMain"), user: "postgres" },
];

const AT_WORK: readonly Backend[] = [
  aServersWorker({ pid: 1201, connectedAge: 95, waitEventType: "Timeout", waitEvent: "VacuumDelay", xactAge: 90 }),
  aServersWorker({
    ...{ pid: 1202, connectedAge: 7200, database: "dwh", waitEventType: "IO", waitEvent: "DataFileRead" },
    query: "autovacuum: VACUUM public.facts (to prevent wraparound)",
  }),
  aServersWorker({
    ...{ pid: 1301, backendType: "logical replication apply worker", user: "postgres", connectedAge: 86_400 },
    ...{ waitEventType: "Activity", waitEvent: "LogicalApplyMain", query: "", state: null },
  }),
  aServersWorker({
    ...{ pid: 1302, backendType: "logical replication parallel worker", user: "postgres", leaderPid: 1301 },
    ...{ waitEventType: "Activity", waitEvent: "LogicalParallelApplyMain", query: "", state: null },
  }),
  aBackend({
    ...{
      pid: 1401,
      backendType: "walsender",
      user: "repl",
      database: null,
      application: "standby-1",
      connectedAge: 90_000,
    },
    ...{ state: "active", waitEventType: "Activity", waitEvent: "WalSenderMain", query: "START_REPLICATION 0/3000000" },
  }),
  aBackend({
    ...{ pid: 1402, backendType: "walsender", user: "repl", database: null, application: "pg_basebackup" },
    ...{ state: "active", waitEventType: "IO", waitEvent: "BasebackupRead", query: "BASE_BACKUP" },
  }),
  aServersWorker({
    pid: 1501,
    backendType: "pg_cron launcher",
    user: "postgres",
    database: "postgres",
    query: "",
    waitEventType: "Extension",
    waitEvent: "Extension",
  }),
];

const QUERY = "SELECT region, sum(amount) FROM facts GROUP BY region";

const SESSIONS: readonly Backend[] = [
  aBackend({
    pid: 2001,
    application: "report",
    state: "active",
    query: QUERY,
    waitEventType: "IPC",
    waitEvent: "ExecuteGather",
    stateAge: 12,
  }),
  ...[2101, 2102].map((pid) =>
    aBackend({
      pid,
      backendType: "parallel worker",
      application: "",
      leaderPid: 2001,
      state: "active",
      query: QUERY,
      waitEventType: "IO",
      waitEvent: "DataFileRead",
      connectedAge: 12,
    }),
  ),
  ...backends(32),
  aBackend({ pid: 2002, state: "active", waitEventType: "Lock", waitEvent: "relation" }),
];

export const SETTINGS = [
  ...settings({
    ...{ archive_mode: "on", autovacuum: "on", track_counts: "on", summarize_wal: "on" },
    ...{ io_method: "worker", io_workers: 3, logging_collector: "on" },
  }),
  aSetting("max_wal_size", "1024", { unit: "MB" }),
  aSetting("checkpoint_timeout", "300", { unit: "s" }),
  aSetting("autovacuum_naptime", "60", { unit: "s" }),
];

/** PostgreSQL 18 with all that it can have at work, seen on its own machine six seconds and a minute after it was seen before. */
export function aServerAtWork(): { readonly sample: Sample; readonly history: History } {
  const before = aSample({ backends: OWN, server: primary(), counters: countersThen(), secondsLater: -60 });
  const justBefore = aSample({ backends: OWN, server: primary(), counters: countersJustThen(), secondsLater: -6 });
  const sample = aSample({
    backends: [...OWN, ...AT_WORK, ...SESSIONS],
    server: primary(),
    counters: countersNow(),
    workings: workingsNow(),
    usage: usageNow([...OWN, ...AT_WORK, ...SESSIONS]),
  });
  return { sample, history: [before, justBefore, sample].reduce(append, emptyHistory()) };
}

function primary(): Sample["server"] {
  return aServer({
    superuser: true,
    tuning: aTuning({ settings: SETTINGS, machineBytes: 2 ** 34, machineIs: "machine" }),
  });
}

function countersThen(): Sample["counters"] {
  return aCounters({
    atSeconds: SERVER_NOW - 60,
    walBytes: 2 ** 40,
    checkpoints: {
      timed: 2800,
      requested: 40,
      done: 2700,
      writeMs: 2700 * 240_000,
      syncMs: 2700 * 80,
      buffers: 2_000_000,
    },
    buffers: { backgroundWriter: 500_000, backgroundWriterStopped: 12, sessions: 90_000 },
  });
}

function countersJustThen(): Sample["counters"] {
  const now = countersNow()!;
  return {
    ...now,
    atSeconds: SERVER_NOW - 6,
    walBytes: now.walBytes! - 12 * MB,
    checkpoints: { ...now.checkpoints, buffers: now.checkpoints.buffers - 600 },
    buffers: { ...now.buffers, backgroundWriter: 501_620, backgroundWriterStopped: 48, sessions: 90_540 },
  };
}

function countersNow(): Sample["counters"] {
  return aCounters({
    walBytes: 2 ** 40 + 120 * MB,
    checkpoints: {
      timed: 2800,
      requested: 44,
      done: 2703,
      writeMs: 2700 * 240_000 + 30_000,
      syncMs: 2700 * 80 + 400,
      buffers: 2_006_000,
    },
    buffers: { backgroundWriter: 501_800, backgroundWriterStopped: 52, sessions: 90_600 },
    archiver: {
      ...{ archived: 16_110, lastArchivedWal: "0000000100000A0000000030", lastArchivedSeconds: SERVER_NOW - 720 },
      ...{ failed: 12, lastFailedWal: "0000000100000A0000000031", lastFailedSeconds: SERVER_NOW - 31 },
      behindBytes: 17 * 16 * MB,
    },
  });
}

function workingsNow(): Sample["workings"] {
  return aWorkings({
    standbys: [
      {
        ...{ pid: 1401, state: "streaming", syncState: "sync", slotName: "standby_1" },
        ...{ unsentBytes: 0, unreplayedBytes: 3.2 * MB, replaySeconds: 0.4 },
      },
    ],
    subscriptions: [{ pid: 1301, subscription: "orders", relation: null, lastMessageSeconds: SERVER_NOW - 2.5 }],
    progress: [
      {
        ...{
          pid: 1201,
          command: "VACUUM",
          phase: "scanning heap",
          database: "shop",
          relation: "public.events",
          relationId: 16_400,
        },
        ...{ done: 42_000, total: 100_000, unit: "blocks" as const },
      },
      {
        ...{
          pid: 1402,
          command: "BASE_BACKUP",
          phase: "streaming database files",
          database: null,
          relation: null,
          relationId: null,
        },
        ...{ done: 2 ** 30, total: 2 ** 32, unit: "bytes" as const },
      },
    ],
    io: [
      {
        ...{ backendType: "checkpointer", reads: 0, writes: 2_000_000, extends: 0, fsyncs: 41_000 },
        ...{ readBytes: 0, writtenBytes: 2_000_000 * 8192 },
      },
    ],
    ioUnderWay: 4,
    walFilesToArchive: 17,
  });
}

function usageNow(rows: readonly Backend[]): Sample["usage"] {
  const children = rows.map(({ pid, backendType }) => ({ pid, kind: backendType, cpuPercent: pid === 2001 ? 97 : 0 }));
  return aUsage(
    ...children,
    aProcessUsage({ pid: 911, kind: "logger", title: "logger", startedSeconds: NOW / 1000 - DAYS_41 }),
  );
}

/** A standby that streams, seen from elsewhere. */
export function aStandby(): Sample {
  return aSample({
    backends: [
      asleep("startup", 701, "RecoveryWalStream"),
      asleep("walreceiver", 702, "WalReceiverMain"),
      asleep("checkpointer", 703, "CheckpointerMain"),
      asleep("background writer", 704, "BgwriterHibernate"),
      ...backends(3),
    ],
    server: aServer({
      role: "standby",
      tuning: aTuning({
        settings: settings({ io_method: "sync", archive_mode: "on", autovacuum: "on", track_counts: "on" }),
      }),
    }),
    counters: aCounters({ checkpoints: { restartpoints: { timed: 40, requested: 2, done: 41 } } }),
    workings: aWorkings({
      receiver: {
        ...{ pid: 702, status: "streaming", senderHost: "10.0.0.1", senderPort: 5432, slotName: "standby_1" },
        lastMessageSeconds: SERVER_NOW - 0.8,
      },
      recovery: { unreplayedBytes: 5 * MB, lastReplayedSeconds: SERVER_NOW - 12, paused: true },
    }),
  });
}

/** Of whom a role without rights sees that they are there. */
export function hiddenProcesses(...pids: readonly number[]): Backend[] {
  return pids.map((pid) => aHiddenBackend({ pid, user: null, database: null, application: null }));
}
