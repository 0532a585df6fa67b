import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Message } from "../../src/state/message.ts";
import type { State } from "../../src/state/state.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer, aState, aWaiter, run, seen } from "./builders.ts";

/**
 * The incident of all frames: a transaction of web-7 was forgotten 14 minutes ago and holds a row that nine sessions wait for;
 * the pool opened new ones, and four slots are left for the application.
 */
export function anIncident(secondsLater = 0): Sample {
  return aSample({
    secondsLater,
    backends: [...BUSY, ...IDLE.slice(0, RESTING + 2 * secondsLater), ...OWN],
    server: aServer({ version: "17.10", major: 17, limits: [{ kind: "role", name: "report", limit: 2 }] }),
  });
}

/** Four samples of it, the last at 14:02:14. */
export function duringAnIncident(
  size: { width: number; height: number },
  ...then: readonly (Message | readonly Message[])[]
): State {
  const samples = [0, 1, 2, 3].map((secondsLater) => seen(anIncident(secondsLater)));
  return run(aState(size), samples, ...then).state;
}

/** The same incident as a role without pg_monitor sees it: of other roles only that their sessions exist. */
export function anIncidentSeenByAnyone(): Sample {
  const sample = anIncident(3);
  const backends = sample.backends.map((backend) => {
    const { pid, user, database, application } = backend;
    if (pid === sample.server.ownPid) return { ...backend, user: "report" };
    if (user === "report") return backend;
    return aHiddenBackend({ pid, user, database, application });
  });
  const server = aServer({ ...sample.server, major: 17, user: "report", seeAll: false, signal: false, limits: [] });
  return { ...sample, backends, server };
}

const UPDATE = "UPDATE accounts SET balance = balance - 10 WHERE id = 42";
const ODD_QUERY =
  "SELECT\n\to.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id -- {bold}漢字{/bold}\u001b[2J";

const BUSY: readonly Backend[] = [
  aBackend({
    pid: 30_412,
    application: "web-7",
    state: "idle in transaction",
    waitEventType: "Client",
    waitEvent: "ClientRead",
    connectedAge: 2340,
    xactAge: 840,
    queryAge: 839,
    stateAge: 839,
    backendXid: 8_800_000,
    backendXmin: 8_800_000,
    query: UPDATE,
  }),
  aWaiter(30_518, [30_412], { application: "web-2", xactAge: 835, queryAge: 835, stateAge: 835, query: UPDATE }),
  aWaiter(30_519, [30_518], { application: "web-2", waitEvent: "tuple", xactAge: 828, queryAge: 828, query: UPDATE }),
  ...Array.from({ length: 7 }, (_, i) =>
    aWaiter(30_520 + i, [30_518, 30_412], {
      application: `web-${i}`,
      waitEvent: "tuple",
      xactAge: 700 - i,
      query: UPDATE,
    }),
  ),
  aBackend({
    pid: 29_877,
    user: "etl",
    database: "dwh",
    application: "loader",
    clientAddress: "10.0.9.2",
    state: "active",
    waitEventType: "IO",
    waitEvent: "DataFileRead",
    xactAge: 400,
    queryAge: 400,
    stateAge: 400,
    query: "INSERT INTO fact_sales SELECT * FROM staging_sales",
  }),
  aBackend({
    pid: 30_120,
    application: "web-3",
    state: "idle in transaction (aborted)",
    waitEventType: "Client",
    waitEvent: "ClientRead",
    // PostgreSQL forgets when an aborted transaction began.
    xactAge: null,
    stateAge: 38,
    query: "SELECT 1/0",
  }),
  aBackend({
    pid: 30_611,
    application: "web-1",
    state: "active",
    xactAge: 2.1,
    queryAge: 2.1,
    stateAge: 2.1,
    query: ODD_QUERY,
  }),
  ...[30_777, 30_778].map((pid) =>
    aBackend({
      pid,
      user: "report",
      application: "metabase",
      clientAddress: "10.0.5.5",
      state: "active",
      xactAge: 1.4,
      query: "WITH t AS (SELECT date_trunc($1, at) FROM sales) SELECT * FROM t",
    }),
  ),
  aBackend({
    pid: 30_779,
    backendType: "parallel worker",
    leaderPid: 30_777,
    user: "report",
    application: "",
    clientAddress: null,
    clientPort: null,
    state: "active",
    xactAge: 1.4,
    query: "WITH t AS (SELECT date_trunc($1, at) FROM sales) SELECT * FROM t",
  }),
];

/** Sessions of the pool that rest; from the second sample on it opens two more each second. */
const RESTING = 68;

const IDLE: readonly Backend[] = Array.from({ length: RESTING + 6 }, (_, i) => {
  const age = i < RESTING ? 7860 - 60 * i : -0.5 - Math.trunc((i - RESTING) / 2);
  return aBackend({
    pid: 30_001 + i,
    application: `web-${i % 8}`,
    clientAddress: `10.0.3.${11 + (i % 7)}`,
    waitEventType: "Client",
    waitEvent: "ClientRead",
    connectedAge: Math.max(age, 9000 - 130 * i),
    queryAge: age,
    stateAge: age,
    query: ["COMMIT", "SELECT 1", "ROLLBACK", "SELECT nextval($1)"][i % 4]!,
  });
});

const OWN: readonly Backend[] = [
  aBackend({
    pid: 99,
    user: "monitor",
    application: "pgtriage",
    clientAddress: null,
    clientPort: -1,
    state: "active",
    queryAge: 0,
    stateAge: 0,
    query: "select b.pid, b.backend_start::text",
  }),
  aBackend({
    pid: 88,
    user: "repl",
    database: null,
    application: "standby1",
    backendType: "walsender",
    state: "active",
    stateAge: 86_400,
    queryAge: 86_400,
    query: "START_REPLICATION SLOT",
  }),
  anAuxiliary("checkpointer", 77),
  anAuxiliary("autovacuum launcher", 78),
];
