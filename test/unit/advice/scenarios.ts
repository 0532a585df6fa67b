import type { Context } from "../../../src/advice/rule.ts";
import type { Backend } from "../../../src/model/backend.ts";
import type { LockQueue } from "../../../src/model/lock-queue.ts";
import type { ReplicationSlot } from "../../../src/model/horizon.ts";
import {
  aBackend,
  aCounters,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServer,
  aServersWorker,
  aSetting,
  aTuning,
  aWaiter,
  backends,
  SERVER_NOW,
} from "../builders.ts";
import { aContext, aReturnedGroup } from "./context.ts";

/** A worker that opens a session every `everySeconds`, runs one query in it and forgets it; the last one just now. */
export function leaked(n: number, everySeconds: number, given: Parameters<typeof aBackend>[0] = {}): Backend[] {
  return Array.from({ length: n }, (_, i) => {
    const age = (n - 1 - i) * everySeconds + 1;
    const query = `SELECT * FROM jobs WHERE id = ${i} -- job ${i}`;
    const once = { connectedAge: age, queryAge: age - 0.02, stateAge: age - 0.03, query };
    return aBackend({ pid: 5000 + i, application: "leaky", clientAddress: "10.0.5.23", ...once, ...given });
  });
}

/** Sessions of one instance's pool, opened at once when it started and not needed since. */
export function restingPool(client: string, size: number, given: Parameters<typeof aBackend>[0] = {}): Backend[] {
  const from = Number(client.split(".").at(-1)) * 100;
  return Array.from({ length: size }, (_, i) =>
    aBackend({
      pid: 10_000 + from + i,
      clientAddress: client,
      connectedAge: 7200 + i * 0.01,
      queryAge: 300 + 7 * i,
      stateAge: 300 + 7 * i,
      ...given,
    }),
  );
}

/** Sessions opened within two seconds, ten seconds ago. */
export function rush(n: number, given: Parameters<typeof aBackend>[0] = {}): Backend[] {
  return Array.from({ length: n }, (_, i) =>
    aBackend({
      pid: 7000 + i,
      application: "lambda",
      clientAddress: `10.0.11.${i % 40}`,
      connectedAge: 10 + (2 * i) / n,
      ...given,
    }),
  );
}

/** A transaction of web-7 that was left 14 minutes ago, with a row that so many others want. */
export function pileUp(waiters: number, root: Parameters<typeof aBackend>[0] = {}): Backend[] {
  return [
    aBackend({
      pid: 30_412,
      application: "web-7",
      state: "idle in transaction",
      xactAge: 850,
      queryAge: 844,
      stateAge: 843,
      backendXid: 49_000_000,
      query: "UPDATE accounts SET balance = 0",
      ...root,
    }),
    ...Array.from({ length: waiters }, (_, i) =>
      aWaiter(30_500 + i, [i === 0 ? 30_412 : 30_500], { waitEvent: i === 0 ? "transactionid" : "tuple" }),
    ),
  ];
}

export function aQueue(given: Partial<LockQueue> = {}): LockQueue {
  return {
    lockType: "relation",
    mode: "AccessShareLock",
    relation: "public.products",
    object: "",
    waiters: [],
    sinceSeconds: [],
    preparedHolders: [],
    ...given,
  };
}

export function aSlot(given: Partial<ReplicationSlot> = {}): ReplicationSlot {
  return {
    name: "debezium",
    kind: "logical",
    database: "shop",
    active: false,
    activePid: null,
    xmin: null,
    catalogXmin: 40_000_000,
    retainedBytes: 12 * 2 ** 30,
    inactiveSinceSeconds: SERVER_NOW - 3600,
    ...given,
  };
}

export function aPrepared(ageSeconds: number, gid = "sepa-batch-0815") {
  return { gid, owner: "app", database: "shop", xid: 49_990_000, preparedSeconds: SERVER_NOW - ageSeconds };
}

/** Ten minutes apart, and ten checkpoints of half a gigabyte each. */
function forcing(n: number) {
  const none = aCounters();
  const counters = {
    ...none,
    atSeconds: SERVER_NOW + 600 * n,
    checkpoints: { ...none.checkpoints, requested: 10 * n },
    walBytes: 10 * n * 540 * 2 ** 20,
  };
  const settings = [
    aSetting("max_wal_size", "1024", { unit: "MB" }),
    aSetting("checkpoint_timeout", "300", { unit: "s" }),
  ];
  const server = aServer({ tuning: aTuning({ settings }) });
  return aSample({ secondsLater: 600 * n, backends: backends(3), counters, server });
}

/** One trouble each, and nothing else that is wrong. */
export const SCENARIOS: Readonly<Record<string, Context>> = {
  "server-crashed": aContext(
    aSample({
      backends: [
        ...backends(3),
        ...["checkpointer", "background writer"].map((kind, i) => ({
          ...anAuxiliary(kind, 70 + i),
          backendStartSeconds: SERVER_NOW - 4,
        })),
      ],
    }),
  ),
  "server-restarted": aContext(
    aSample({ backends: backends(3), server: aServer({ startedSeconds: SERVER_NOW - 40 }) }),
  ),
  "half-open-flood": aContext(
    aSample({
      backends: [...backends(3), ...backends(38, { backendType: "half-open", state: null, user: null })],
      unfinished: [{ client: "10.9.9.9", count: 38 }],
      server: aServer({ lane: "host", tuning: null }),
    }),
  ),
  "reconnect-storm": aContext(
    aSample({ backends: backends(6, { application: "leaky", clientAddress: "10.0.0.7", connectedAge: 2 }) }),
    { returned: [aReturnedGroup()] },
  ),
  "lock-pile-up": aContext(aSample({ backends: pileUp(9) })),
  leak: aContext(aSample({ backends: [...backends(10), ...leaked(40, 15)] })),
  "connection-storm": aContext(aSample({ backends: [...backends(10), ...rush(50)] })),
  "slow-pile": aContext(
    aSample({
      backends: backends(7, { state: "active", queryAge: 40, stateAge: 40, xactAge: 40, queryId: "-4711" }),
    }),
  ),
  "oversized-pools": aContext(
    aSample({ backends: [11, 12, 13, 14, 15].flatMap((n) => restingPool(`10.0.3.${n}`, 10)) }),
  ),
  "connection-limit": aContext(
    aSample({
      backends: backends(10, { user: "report", application: "metabase" }),
      server: aServer({ limits: [{ kind: "role", name: "report", limit: 10 }] }),
    }),
  ),
  "slots-nearly-full": aContext(aSample({ backends: backends(90) })),
  "absent-process": aContext(
    [0, 60].map((secondsLater) =>
      aSample({
        secondsLater,
        backends: [...backends(3), anAuxiliary("checkpointer", 77)],
        server: aServer({
          tuning: aTuning({ settings: ["autovacuum", "track_counts"].map((on) => aSetting(on, "on")) }),
        }),
      }),
    ),
  ),
  "autovacuum-off": aContext(
    aSample({
      backends: backends(3),
      server: aServer({ tuning: aTuning({ settings: [aSetting("autovacuum", "off")] }) }),
    }),
  ),
  wraparound: aContext(
    aSample({
      backends: backends(3),
      server: aServer({ databaseAges: [{ name: "shop", xids: 1.3e9, multixacts: 10 }] }),
    }),
  ),
  "archiver-failing": aContext(
    aSample({
      backends: backends(3),
      counters: aCounters({
        archiver: {
          failed: 42,
          lastFailedWal: "0000000100000019000000F0",
          lastFailedSeconds: SERVER_NOW - 3,
          currentWal: "000000010000001A00000010",
        },
      }),
      server: aServer({ tuning: aTuning({ settings: [aSetting("archive_mode", "on")] }) }),
    }),
  ),
  "idle-in-transaction": aContext(aSample({ backends: [...backends(3), ...pileUp(0)] })),
  "prepared-orphan": aContext(aSample({ backends: backends(3), holdouts: { prepared: [aPrepared(4000)], slots: [] } })),
  "inactive-slot": aContext(aSample({ backends: backends(3), holdouts: { prepared: [], slots: [aSlot()] } })),
  "long-transaction": aContext(
    aSample({
      backends: [
        aBackend({
          pid: 29_877,
          application: "loader",
          state: "active",
          xactAge: 400,
          queryAge: 390,
          backendXmin: 48_000_000,
        }),
      ],
    }),
  ),
  "autovacuum-saturated": aContext(
    aSample({
      backends: [...backends(3), ...[1, 2, 3].map((pid) => aServersWorker({ pid, connectedAge: 900, queryAge: 800 }))],
    }),
  ),
  "memory-risk": aContext(
    aSample({
      backends: backends(10),
      server: aServer({ tuning: aTuning({ machineBytes: 16 * 2 ** 30, workMemBytes: 2 ** 30 }) }),
    }),
  ),
  "checkpoints-forced": aContext([0, 1].map(forcing)),
  "hidden-backends": aContext(
    aSample({
      backends: [...backends(3), aHiddenBackend({ pid: 7 })],
      server: aServer({ seeAll: false }),
    }),
  ),
  "no-safety-timeouts": aContext(
    aSample({
      backends: backends(3),
      server: aServer({ tuning: aTuning({ timeouts: { idle_in_transaction_session_timeout: 0 } }) }),
    }),
  ),
  "durability-off": aContext(
    aSample({
      backends: backends(3),
      server: aServer({ tuning: aTuning({ settings: [aSetting("fsync", "off", { source: "configuration file" })] }) }),
    }),
  ),
  "pending-restart": aContext(
    aSample({
      backends: backends(3),
      server: aServer({
        tuning: aTuning({ settings: [aSetting("max_connections", "100", { pendingRestart: true })] }),
      }),
    }),
  ),
};

/** A server on which all is well: a pool at work, a standby, and its own processes. */
export const QUIET = aContext(
  aSample({
    backends: [
      ...backends(20),
      aBackend({ pid: 88, user: "repl", database: null, backendType: "walsender", state: "active", stateAge: 90_000 }),
      anAuxiliary("checkpointer", 77),
    ],
  }),
);
