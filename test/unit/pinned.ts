import type { DeadTuples, PreparedXact, ReplicationSlot } from "../../src/model/horizon.ts";
import type { Sample } from "../../src/model/reading.ts";
import { aBackend, aSample, aServer, aServersWorker, SERVER_NOW } from "./builders.ts";

/** A slot that nobody has used for three days, of a standby that gave feedback. */
export function aSlot(given: Partial<ReplicationSlot> = {}): ReplicationSlot {
  return {
    name: "standby_2",
    kind: "physical",
    database: null,
    active: false,
    activePid: null,
    xmin: 20_000_000,
    catalogXmin: null,
    retainedBytes: 41 * 2 ** 30,
    inactiveSinceSeconds: SERVER_NOW - 3 * 86_400,
    ...given,
  };
}

export function aPrepared(given: Partial<PreparedXact> = {}): PreparedXact {
  return {
    gid: "order-4711",
    owner: "etl",
    database: "shop",
    preparedSeconds: SERVER_NOW - 7200,
    xid: 47_000_000,
    ...given,
  };
}

const IDLE = { state: "idle in transaction", waitEventType: "Client", waitEvent: "ClientRead" };

/** One of each kind: the next xid is 50,000,000, so that what holds 8,800,000 is 41.2M behind. */
export function aPinnedSample(given: Partial<Sample> = {}): Sample {
  return aSample({
    backends: [
      aBackend({
        pid: 30_412,
        application: "web-7",
        ...IDLE,
        xactAge: 843,
        queryAge: 842,
        stateAge: 842,
        backendXid: 8_800_000,
        query: "UPDATE accounts SET balance = balance - 10 WHERE id = 42",
      }),
      aBackend({
        pid: 30_777,
        user: "report",
        application: "metabase",
        state: "active",
        xactAge: 640,
        queryAge: 640,
        stateAge: 640,
        backendXmin: 8_800_000,
        query: "WITH t AS (SELECT date_trunc($1, at) FROM sales) SELECT * FROM t",
      }),
      aBackend({
        pid: 30_801,
        application: "export",
        ...IDLE,
        xactAge: 60,
        queryAge: 30,
        stateAge: 30,
        backendXmin: 49_990_000,
        query: "FETCH 1000 FROM c",
      }),
      aBackend({
        pid: 29_877,
        database: "dwh",
        user: "etl",
        application: "loader",
        state: "active",
        xactAge: 400,
        queryAge: 2,
        stateAge: 2,
        backendXid: 49_000_000,
        backendXmin: 49_000_001,
        query: "INSERT INTO fact_sales SELECT * FROM staging_sales",
      }),
      aBackend({
        pid: 2231,
        backendType: "walsender",
        user: "replication",
        database: null,
        application: "standby_1",
        clientAddress: "10.0.0.7",
        state: "active",
        queryAge: null,
        backendXmin: 45_000_000,
        query: "",
      }),
      aServersWorker({ pid: 4100, database: "shop", xactAge: 7800, backendXmin: 9_000_000 }),
      aServersWorker({
        pid: 4101,
        database: "shop",
        xactAge: 30,
        backendXmin: 49_999_000,
        query: "autovacuum: VACUUM ANALYZE public.carts",
      }),
      aBackend({
        pid: 30_120,
        application: "web-3",
        ...IDLE,
        state: "idle in transaction (aborted)",
        xactAge: null,
        stateAge: 38,
        query: "SELECT 1/0",
      }),
      aBackend({
        pid: 30_611,
        application: "web-1",
        ...IDLE,
        xactAge: 2400,
        queryAge: 2399,
        stateAge: 2399,
        query: "SELECT * FROM carts WHERE id = $1",
      }),
      aBackend({ pid: 99, user: "monitor", application: "pgtriage", state: "active", backendXmin: 49_999_999 }),
    ],
    holdouts: {
      prepared: [aPrepared()],
      slots: [
        aSlot(),
        aSlot({
          name: "cdc",
          kind: "logical",
          database: "shop",
          active: true,
          activePid: 2240,
          xmin: null,
          catalogXmin: 44_000_000,
          retainedBytes: 16 * 2 ** 20,
          inactiveSinceSeconds: null,
        }),
      ],
    },
    server: aServer({
      databaseAges: [
        { name: "shop", xids: 190_000_000, multixacts: 12 },
        { name: "dwh", xids: 41_000_000, multixacts: 0 },
      ],
    }),
    ...given,
  });
}

export const DEAD: readonly DeadTuples[] = [
  {
    table: "public.accounts",
    toast: false,
    live: 120_000,
    dead: 3_400_000,
    vacuumSeconds: null,
    autovacuumSeconds: SERVER_NOW - 55,
  },
  {
    table: "public.documents",
    toast: true,
    live: 900_000,
    dead: 81_000,
    vacuumSeconds: SERVER_NOW - 90_000,
    autovacuumSeconds: SERVER_NOW - 200_000,
  },
  {
    table: '"Shop"."Order Lines of the year before last, kept for the auditors"',
    toast: false,
    live: 40,
    dead: 12,
    vacuumSeconds: null,
    autovacuumSeconds: null,
  },
];
