import type { Message, Effect } from "../../src/state/message.ts";
import { phrase, type Answer, type Order, type Verdict } from "../../src/model/action.ts";
import { backendKey, type Backend } from "../../src/model/backend.ts";
import type { Holdouts } from "../../src/model/horizon.ts";
import type { Counters } from "../../src/model/counters.ts";
import type { Gap, Sample } from "../../src/model/reading.ts";
import type { ConnectionLimit, Rights, Server, SlotSettings } from "../../src/model/server.ts";
import type { Setting, Tuning } from "../../src/model/tuning.ts";
import type { ProcessUsage, Usage } from "../../src/model/usage.ts";
import type { Workings } from "../../src/model/workings.ts";
import { NOTHING_REFUSED, type CloseLookStatement } from "../../src/model/refusal.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { DEFAULT_CAPS } from "../../src/history/history.ts";
import { screen } from "../../src/panels/screen.ts";
import type { Dialog } from "../../src/state/dialog.ts";
import type { Outcome } from "../../src/state/outcome.ts";
import { initialState, visibleRows, type Options, type State } from "../../src/state/state.ts";
import type { View } from "../../src/state/view.ts";
import { update } from "../../src/state/update.ts";
import { paint } from "../../src/ui/paint.ts";

/** Our clock, in milliseconds: 14:02:11 wherever the test runs. */
export const NOW = new Date(2026, 10, 22, 14, 2, 11).getTime();
/** The server's clock at the same instant, in seconds. */
export const SERVER_NOW = 1_795_356_131;

interface Ages {
  readonly connectedAge?: number;
  readonly xactAge?: number | null;
  readonly queryAge?: number | null;
  readonly stateAge?: number | null;
}

/** An idle session of the web application, unless said otherwise. Ages are seconds before SERVER_NOW. */
export function aBackend(given: Partial<Backend> & Ages = {}): Backend {
  const { connectedAge = 600, xactAge = null, queryAge = 10, stateAge = 10, ...fields } = given;
  const pid = fields.pid ?? 100;
  const backendStart = fields.backendStart === undefined ? `started-${pid}` : fields.backendStart;
  return {
    key: backendKey(pid, backendStart),
    pid,
    backendStart,
    backendStartSeconds: SERVER_NOW - connectedAge,
    backendType: "client backend",
    user: "app",
    database: "shop",
    application: "web",
    clientAddress: "10.0.3.17",
    clientPort: 51_422,
    state: "idle",
    waitEventType: null,
    waitEvent: null,
    xactStartSeconds: ago(xactAge),
    queryStartSeconds: ago(queryAge),
    stateChangeSeconds: ago(stateAge),
    backendXid: null,
    backendXmin: null,
    leaderPid: null,
    queryId: null,
    blockedBy: [],
    query: "SELECT 1",
    ...fields,
  };
}

/** So many of them, with pids from 1000 on. */
export function backends(n: number, given: Partial<Backend> & Ages = {}): Backend[] {
  return Array.from({ length: n }, (_, i) => aBackend({ pid: 1000 + i, ...given }));
}

/** What a role without pg_monitor sees of somebody else's session. */
export function aHiddenBackend(given: Partial<Backend> = {}): Backend {
  return aBackend({
    backendStart: null,
    backendStartSeconds: null,
    backendType: null,
    clientAddress: null,
    clientPort: null,
    state: null,
    queryAge: null,
    stateAge: null,
    query: "<insufficient privilege>",
    ...given,
  });
}

/** A process of the server's own, there since its start: checkpointer, autovacuum launcher … */
export function anAuxiliary(backendType: string, pid: number): Backend {
  const nobody = { user: null, database: null, application: "", clientAddress: null, clientPort: null, query: "" };
  const sinceItsStart = SERVER_NOW - aServer().startedSeconds;
  return aBackend({
    pid,
    backendType,
    ...nobody,
    state: null,
    connectedAge: sinceItsStart,
    queryAge: null,
    stateAge: null,
  });
}

/** A worker of the server's own in a database: an autovacuum worker, unless said otherwise. */
export function aServersWorker(given: Partial<Backend> & Ages = {}): Backend {
  const nobody = { user: null, application: "", clientAddress: null, clientPort: null };
  const query = "autovacuum: VACUUM public.events";
  return aBackend({ backendType: "autovacuum worker", ...nobody, state: "active", xactAge: 60, query, ...given });
}

/** A session that waits for a lock which the given pids hold; 0 is a prepared transaction. */
export function aWaiter(pid: number, blockedBy: readonly number[], given: Partial<Backend> & Ages = {}): Backend {
  const lock = { state: "active", waitEventType: "Lock", waitEvent: "transactionid" };
  return aBackend({ pid, blockedBy, ...lock, xactAge: 20, queryAge: 20, stateAge: 20, ...given });
}

type ServerGiven = Partial<Omit<Server, "settings" | "rights">> &
  Partial<SlotSettings> &
  Partial<Rights> & { readonly major?: number; readonly limits?: readonly ConnectionLimit[] };

/** PostgreSQL 18 with 100 slots, 3 + 3 of them reserved, watched by a role that sees everything. */
export function aServer(given: ServerGiven = {}): Server {
  const {
    major = 18,
    superuser = false,
    usesReserved = superuser,
    seeAll = true,
    signal = true,
    signalAutovacuum = superuser,
    listArchiveStatus = major >= 12 && seeAll,
    getAios = major >= 18 && seeAll,
    ...rest
  } = given;
  const { maxConnections = 100, superuserReserved = 3, reserved = major >= 16 ? 3 : 0 } = rest;
  return {
    lane: given.lane ?? "normal",
    version: given.version === undefined ? `${major}.4` : given.version,
    versionNum: given.versionNum === undefined ? major * 10_000 + 4 : given.versionNum,
    role: given.role ?? "primary",
    host: given.host ?? "prod-db-1",
    port: given.port ?? 5432,
    database: given.database === undefined ? "shop" : given.database,
    user: given.user ?? "monitor",
    startedSeconds: given.startedSeconds ?? SERVER_NOW - 41 * 86_400,
    ownPid: given.ownPid === undefined ? 99 : given.ownPid,
    settings: {
      maxConnections,
      superuserReserved,
      reserved,
      maxWalSenders: given.maxWalSenders ?? 10,
      trackActivities: given.trackActivities ?? true,
      queryTextBytes: given.queryTextBytes ?? 1024,
    },
    limits: given.limits ?? [],
    rights: {
      superuser,
      usesReserved,
      seeAll,
      signal,
      signalAutovacuum,
      listArchiveStatus,
      getAios,
      roles: rest.roles ?? [given.user ?? "monitor"],
    },
    superusers: given.superusers ?? ["postgres"],
    postmaster: given.postmaster ?? null,
    tuning: given.tuning === undefined ? aTuning() : given.tuning,
    databaseAges: given.databaseAges ?? [],
  };
}

/** What PostgreSQL 18 begins with, except for its time-outs: here they are set, and no role has any of its own. */
export function aTuning({
  timeouts = {},
  ...given
}: Partial<Omit<Tuning, "timeouts">> & { timeouts?: Partial<Tuning["timeouts"]> } = {}): Tuning {
  return {
    workMemBytes: 4 * 2 ** 20,
    hashMemMultiplier: 2,
    maintenanceWorkMemBytes: 64 * 2 ** 20,
    autovacuumMaxWorkers: 3,
    autovacuumWorkMemBytes: 64 * 2 ** 20,
    tempBuffersBytes: 8 * 2 ** 20,
    maxParallelWorkers: 8,
    maxParallelWorkersPerGather: 2,
    sharedBytes: 144 * 2 ** 20,
    autovacuumFreezeMaxAge: 200_000_000,
    autovacuumMultixactFreezeMaxAge: 400_000_000,
    maxPreparedTransactions: 0,
    overrides: [],
    machineBytes: null,
    machineIs: null,
    settings: [],
    ...given,
    timeouts: {
      statement_timeout: 60,
      lock_timeout: 10,
      idle_in_transaction_session_timeout: 300,
      idle_session_timeout: 0,
      transaction_timeout: 0,
      ...timeouts,
    },
  };
}

/** One row of pg_settings as it is by default, which a reload changes. */
export function aSetting(name: string, value: string, given: Partial<Setting> = {}): Setting {
  return {
    name,
    value,
    unit: null,
    bootValue: value,
    source: "default",
    context: "sighup",
    pendingRestart: false,
    ...given,
  };
}

/** Rows of pg_settings by name and value, as if nobody had changed them. */
export function settings(values: Readonly<Record<string, string | number>>): Setting[] {
  return Object.entries(values).map(([name, value]) => aSetting(name, String(value), { context: "postmaster" }));
}

type CountersGiven = Partial<Pick<Counters, "atSeconds" | "walBytes">> & {
  readonly [K in "checkpoints" | "buffers" | "archiver" | "temporary"]?: Partial<Counters[K]>;
};

/** Counters of a server on which nothing has happened since they were reset, ten days ago. */
export function aCounters(given: CountersGiven = {}): Counters {
  const resetSeconds = SERVER_NOW - 10 * 86_400;
  return {
    atSeconds: given.atSeconds ?? SERVER_NOW,
    checkpoints: {
      ...{ timed: 0, requested: 0, done: 0, writeMs: 0, syncMs: 0, buffers: 0, restartpoints: null, resetSeconds },
      ...given.checkpoints,
    },
    buffers: {
      ...{ backgroundWriter: 0, backgroundWriterStopped: 0, sessions: 0, allocated: 0, resetSeconds },
      ...given.buffers,
    },
    walBytes: given.walBytes === undefined ? 2 ** 40 : given.walBytes,
    archiver: {
      ...{ archived: 0, lastArchivedWal: null, lastArchivedSeconds: null },
      ...{ failed: 0, lastFailedWal: null, lastFailedSeconds: null },
      ...{ currentWal: "0000000100000A0000000042", behindBytes: null, resetSeconds },
      ...given.archiver,
    },
    temporary: { files: 0, bytes: 0, ...given.temporary },
  };
}

/** Of a primary that nobody follows, and on which nothing of length is under way. */
export function aWorkings(given: Partial<Workings> = {}): Workings {
  return {
    standbys: [],
    receiver: "none",
    recovery: "none",
    subscriptions: [],
    progress: [],
    io: null,
    ioUnderWay: null,
    walFilesToArchive: null,
    ...given,
  };
}

/** The same where the server refuses these statements to us, for four minutes more. */
export function refusing(sample: Sample, ...statements: readonly CloseLookStatement[]): Sample {
  const { counters, workings } = sample;
  const without = (statement: CloseLookStatement, ...parts: readonly (keyof Workings)[]): Partial<Workings> =>
    statements.includes(statement) ? Object.fromEntries(parts.map((part) => [part, null])) : {};
  return {
    ...sample,
    counters: statements.includes("counters") ? null : counters,
    workings: workings && {
      ...workings,
      ...without("standbys", "standbys"),
      ...without("recovery", "receiver", "recovery"),
      ...without("subscriptions", "subscriptions"),
      ...without("progress", "progress"),
      ...without("io", "io"),
      ...without("to-archive", "walFilesToArchive"),
      ...without("io-under-way", "ioUnderWay"),
    },
    refused: statements.map((statement) => ({
      ...{ statement, sqlstate: "42501", message: `permission denied for what ${statement}.sql reads` },
      untilSeconds: sample.serverSeconds + 240,
    })),
  };
}

/** A process of the machine that has been there for ten minutes. */
export function aProcessUsage(given: Partial<ProcessUsage> & { readonly pid: number }): ProcessUsage {
  return {
    startedSeconds: NOW / 1000 - 600,
    kind: null,
    title: null,
    cpuPercent: 0,
    memoryBytes: 1.2 * 2 ** 20,
    memoryHow: "measured",
    readBytesPerSecond: 0,
    writtenBytesPerSecond: 0,
    ...given,
  };
}

/** The postmaster, 900, and these children. */
export function aUsage(...children: readonly (Partial<ProcessUsage> & { readonly pid: number })[]): Usage {
  const all = [{ pid: 900, kind: "postmaster" }, ...children].map(aProcessUsage);
  return { postmasterPid: 900, processes: new Map(all.map((one) => [one.pid, one])), groupBytes: null };
}

type SampleGiven = Partial<Omit<Sample, "kind">> & { readonly secondsLater?: number };

/** A sample taken NOW, or so many seconds later. */
export function aSample({ secondsLater = 0, ...given }: SampleGiven = {}): Sample {
  return {
    kind: "sample",
    takenAt: NOW + secondsLater * 1000,
    costMs: 3.1,
    ownMs: 0.4,
    serverMs: 2,
    serverSeconds: SERVER_NOW + secondsLater,
    nextXid: 50_000_000,
    backends: [],
    waitersNotResolved: 0,
    queues: [],
    holdouts: NOTHING_HELD_OUT,
    unfinished: [],
    counters: null,
    workings: null,
    refused: NOTHING_REFUSED,
    usage: null,
    server: SERVER,
    ...given,
  };
}

const NOTHING_HELD_OUT: Holdouts = { prepared: [], slots: [] };

const SERVER = aServer();

export function aGap(reason = "prod-db-1:5432 did not answer", secondsLater = 0): Gap {
  return { kind: "gap", takenAt: NOW + secondsLater * 1000, reason };
}

export const OPTIONS: Options = {
  target: { place: "prod-db-1:5432", database: "shop", user: "monitor" },
  thresholds: DEFAULT_THRESHOLDS,
  historyCaps: DEFAULT_CAPS,
  readOnly: false,
  protect: [],
  chosenLane: null,
};

/** A dashboard that is just connecting, on a terminal of 80x24 unless said otherwise. */
export function aState(
  given: { width?: number; height?: number; options?: Partial<Options> } & Partial<View> = {},
): State {
  const { width = 80, height = 24, options = {}, ...view } = given;
  return initialState({ ...OPTIONS, ...options }, NOW, 2, { width, height }, view);
}

export function seen(reading: Sample | Gap): Message {
  return { kind: "reading", reading, at: reading.takenAt };
}

/** A session list as a reading. */
export function listed(...sessions: readonly Backend[]): Message {
  return seen(aSample({ backends: sessions }));
}

export function press(...keys: readonly string[]): Message[] {
  return keys.map((key) => ({ kind: "key", key, at: NOW }));
}

export function type(text: string): Message[] {
  return press(...[...text].map((char) => (char === " " ? "space" : char)));
}

export function pasted(text: string): Message {
  return { kind: "paste", text, at: NOW };
}

/** The screen has been drawn, so many milliseconds after NOW. */
export function painted(msLater = 0): Message {
  return { kind: "painted", at: NOW + msLater };
}

/** A text typed by a hand: a key every 120 ms, beginning so many milliseconds after NOW. */
export function typedByHand(text: string, msLater = 1000): Message[] {
  return [...text].map((char, i) => ({
    kind: "key",
    key: char === " " ? "space" : char === "\n" ? "enter" : char,
    at: NOW + msLater + i * 120,
  }));
}

export function tick(secondsLater: number): Message {
  return { kind: "tick", at: NOW + secondsLater * 1000 };
}

export function resized(width: number, height: number): Message {
  return { kind: "resize", width, height, at: NOW };
}

/** The state after these messages, and every effect they asked for. */
export function run(
  start: State,
  ...messages: readonly (Message | readonly Message[])[]
): { state: State; effects: readonly Effect[] } {
  let state = start;
  const effects: Effect[] = [];
  for (const message of messages.flat()) {
    const [next, wanted] = update(state, message);
    state = next;
    effects.push(...wanted);
  }
  return { state, effects };
}

/** What a terminal without colours shows, blanks at the ends of lines left out. */
export function shown(state: State): string {
  const plain = { tone: () => "", reset: "" };
  return `${paint(screen(state), state.size.width, plain, false).join("\n").replace(/ +$/gm, "")}\n`;
}

export function pidsListed(state: State): number[] {
  return visibleRows(state).all.map((row) => row.backend.pid);
}

/** The pid under the cursor, told by identity. */
export function pidSelected(state: State): number | null {
  return visibleRows(state).all.find((row) => row.backend.key === state.view.cursor)?.backend.pid ?? null;
}

/** The question whether to terminate an idle session, painted a second ago and nothing typed yet, unless said otherwise. */
export function aDialog(given: Partial<Dialog> = {}): Dialog {
  return {
    action: "terminate",
    targets: [aBackend()],
    leftOut: [],
    pointedAt: null,
    step: "act",
    protection: null,
    typed: "",
    said: null,
    openedAt: NOW - 1000,
    paintedAt: NOW - 1000,
    burst: { last: 0, keys: 0 },
    unlisted: 0,
    holdingsFailed: false,
    typedSince: 0,
    holdings: null,
    changes: new Map(),
    voided: null,
    ...given,
  };
}

/** An order to terminate, given NOW by its phrase. */
export function anOrder(given: Partial<Order> = {}): Order {
  const { action = "terminate", targets = [aBackend()] } = given;
  const typed = phrase(action, targets);
  return { id: 1, action, targets, typed, at: NOW, notAfterSeconds: SERVER_NOW + 5, ...given };
}

/** Verdicts for the first targets of its order; those that are not named get `sent`. */
interface OutcomeGiven extends Partial<Omit<Outcome, "answers" | "done">> {
  readonly verdicts?: readonly (Verdict | readonly [Verdict, state: string])[];
  /** Seconds after which the first of those to whom it was sent were seen to be over. */
  readonly doneAfter?: readonly number[];
}

/** An order that the server has answered, and that is being watched. */
export function anOutcome({ verdicts = [], doneAfter = [], ...given }: OutcomeGiven = {}): Outcome {
  const { order = anOrder() } = given;
  const answers = order.targets.map(({ key }, i): Answer => {
    const told = verdicts[i] ?? "sent";
    const [verdict, state] = typeof told === "string" ? [told, null] : told;
    return { key, verdict, state };
  });
  const sent = answers.filter(({ verdict }) => verdict === "sent");
  return {
    order,
    phase: "watching",
    answers: given.phase === "sending" || given.failure ? null : { serverSeconds: SERVER_NOW, answers },
    failure: null,
    answeredAt: given.phase === "sending" ? null : NOW,
    done: new Map(doneAfter.map((seconds, i) => [sent[i]!.key, seconds])),
    stillThere: 0,
    returned: [],
    sources: new Map(),
    server: SERVER,
    run: {
      lane: SERVER.lane,
      host: SERVER.host,
      port: SERVER.port,
      startedSeconds: SERVER.startedSeconds,
      checkpointer: null,
    },
    restarted: false,
    changedAt: NOW,
    ...given,
  };
}

function ago(seconds: number | null): number | null {
  return seconds === null ? null : SERVER_NOW - seconds;
}
