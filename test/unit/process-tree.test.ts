import { describe, expect, test } from "vitest";
import { missingProcesses, processTree } from "../../src/analysis/process-tree.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { standing } from "../../src/state/standing.ts";
import { processRows } from "../../src/state/process-rows.ts";
import {
  aBackend,
  aHiddenBackend,
  anAuxiliary,
  aSample,
  aServer,
  aServersWorker,
  aTuning,
  aUsage,
  aWorkings,
  backends,
  NOW,
  settings,
} from "./builders.ts";
import { asleep, aServerAtWork, aStandby, hiddenProcesses } from "./processes.ts";

type ServerGiven = Parameters<typeof aServer>[0];

/** One line for each node, as deep as it is. */
function drawn(sample: Sample): string[] {
  return processTree(sample).map(
    ({ depth, kind, pid, count, unseen, missing }) =>
      `${"  ".repeat(depth)}${kind ?? "?"}${pid === null ? "" : ` ${pid}`}${pid === null && unseen === null && missing === null ? ` (${count})` : ""}${missing === null ? "" : " missing"}`,
  );
}

function set(values: Parameters<typeof settings>[0], given: ServerGiven = {}): Sample["server"] {
  return aServer({ ...given, tuning: aTuning({ settings: settings(values) }) });
}

const YOUNG = NOW / 1000 - 0.5;

test.each([
  [{ autovacuum: "off", track_counts: "on" }, {}, "autovacuum = off"],
  [{ autovacuum: "on", track_counts: "off" }, {}, "track_counts = off"],
  [{ autovacuum: "on", track_counts: "on" }, {}, null],
  [{}, {}, null],
  [{ autovacuum: "off" }, { role: "standby" as const }, null],
])("autovacuum's launcher has a row where it is switched off: %j %j", (values, given, by) => {
  const off = (sample: Sample) => processTree(sample).find((node) => node.off !== null)?.off ?? null;
  expect(off(aSample({ server: set(values, given) }))).toBe(by);
  const there = [asleep("autovacuum launcher", 5, "AutovacuumMain")];
  expect(off(aSample({ server: set(values, given), backends: there }))).toBeNull();
});

describe("the tree", () => {
  test("has each process under the one that leads it or has asked for it", () => {
    expect(drawn(aServerAtWork().sample)).toEqual([
      "postmaster 900",
      "  checkpointer 901",
      "  background writer 902",
      "  walwriter 903",
      "  walsummarizer 904",
      "  archiver 905",
      "  io worker 906",
      "  io worker 907",
      "  io worker 908",
      "  logger 911",
      "  autovacuum launcher 909",
      "    autovacuum worker 1202",
      "    autovacuum worker 1201",
      "  logical replication launcher 910",
      "    logical replication apply worker 1301",
      "      logical replication parallel worker 1302",
      "  pg_cron launcher 1501",
      "  walsender 1401",
      "  walsender 1402",
      "  sessions (34)",
      "    client backend 2001",
      "      parallel worker 2101",
      "      parallel worker 2102",
    ]);
  });

  test("is drawn with branches that end where the last one stands", () => {
    const drawn = processRows(aServerAtWork().sample).map(({ branch, node }) => `${branch}${node.pid ?? ""}`);
    expect(drawn[0]).toBe("900");
    expect(drawn.slice(10, 16)).toEqual([
      "├─ 909",
      "│  ├─ 1202",
      "│  └─ 1201",
      "├─ 910",
      "│  └─ 1301",
      "│     └─ 1302",
    ]);
    expect(drawn.slice(-4)).toEqual(["└─ ", "   └─ 2001", "      ├─ 2101", "      └─ 2102"]);
  });

  test("names every row for ever: no two have the same key", () => {
    const keys = processRows(aServerAtWork().sample).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("a worker of an extension is shown by whatever name, one called as a function of JavaScript too", () => {
    const worker = aServersWorker({ pid: 7, backendType: "constructor" });
    expect(drawn(aSample({ backends: [worker] }))).toContain("  constructor 7");
  });

  test("whose launcher or leader is not there stands under the postmaster", () => {
    const alone = [
      aServersWorker({ pid: 7 }),
      aBackend({ pid: 8, backendType: "parallel worker", leaderPid: 4711 }),
      aBackend({ pid: 9, backendType: "parallel worker", leaderPid: 9 }),
    ];
    expect(drawn(aSample({ backends: alone }))).toEqual([
      "postmaster",
      "  autovacuum worker 7",
      "  parallel worker 8",
      "  parallel worker 9",
      "  sessions (0)",
    ]);
  });

  test("hidden rows are counted, and none of them is called a session", () => {
    const rows = [...hiddenProcesses(7, 8, 9), aHiddenBackend({ pid: 10 }), aBackend({ pid: 11 })];
    expect(drawn(aSample({ backends: rows }))).toEqual(["postmaster", "  sessions (1)", "  hidden (4)"]);
  });

  test("what a hidden row is, its title tells where it can be read", () => {
    const usage = aUsage({ pid: 7, kind: "checkpointer" }, { pid: 10, kind: "client backend" });
    const rows = [...hiddenProcesses(7, 8), aHiddenBackend({ pid: 10 })];
    expect(drawn(aSample({ backends: rows, usage }))).toEqual([
      "postmaster 900",
      "  checkpointer 7",
      "  sessions (1)",
      "  hidden (1)",
    ]);
  });
});

describe("up to 12 no row tells the leader of a parallel worker", () => {
  const leader = aBackend({ pid: 5, state: "active" });
  const worker = aBackend({ pid: 6, backendType: "parallel worker" });
  const server = aServer({ major: 12 });

  test("so that it stands alone", () => {
    expect(drawn(aSample({ backends: [leader, worker], server }))).toContain("  parallel worker 6");
  });

  test("unless its title can be read", () => {
    const usage = aUsage({ pid: 6, kind: "parallel worker", title: "parallel worker for PID 5  " });
    const tree = drawn(aSample({ backends: [leader, worker], server, usage }));
    expect(tree.slice(-3)).toEqual(["  sessions (1)", "    client backend 5", "      parallel worker 6"]);
  });
});

describe("10 has one word for all background workers", () => {
  const server = aServer({ major: 10 });
  const worker = (pid: number, given: Partial<Backend> = {}): Backend =>
    aServersWorker({ pid, backendType: "background worker", user: "postgres", query: "", ...given });

  test("a wait or a subscription tells which one it is", () => {
    const rows = [
      worker(5, { database: null, waitEventType: "Activity", waitEvent: "LogicalLauncherMain" }),
      worker(6),
      worker(7),
    ];
    const workings = aWorkings({
      subscriptions: [{ pid: 6, subscription: "orders", relation: null, lastMessageSeconds: null }],
    });
    expect(drawn(aSample({ backends: rows, server, workings }))).toEqual([
      "postmaster",
      "  stats collector",
      "  logical replication launcher 5",
      "    logical replication worker 6",
      "  background worker 7",
      "  sessions (0)",
    ]);
  });

  test("and so does its title", () => {
    const usage = aUsage(
      { pid: 5, kind: "background worker", title: "bgworker: logical replication launcher   " },
      { pid: 6, kind: "background worker", title: "prod: x: bgworker: pg_cron scheduler" },
      { pid: 7, kind: "parallel worker", title: "bgworker: parallel worker for PID 8" },
    );
    const rows = [worker(5), worker(6), worker(7), aBackend({ pid: 8 })];
    expect(drawn(aSample({ backends: rows, server, usage }))).toEqual([
      "postmaster 900",
      "  logical replication launcher 5",
      "  pg_cron scheduler 6",
      "  sessions (1)",
      "    client backend 8",
      "      parallel worker 7",
    ]);
  });
});

describe("processes that no row tells of", () => {
  const quiet = (server: Sample["server"], usage: Sample["usage"] = null): string[] =>
    drawn(aSample({ server, usage })).filter((line) => !/postmaster|sessions/.test(line));

  test("are named as unseen where the server runs elsewhere", () => {
    const logs = { logging_collector: "on", archive_mode: "on" };
    expect(quiet(set(logs, { major: 13 }))).toEqual(["  archiver", "  logger", "  stats collector"]);
    expect(quiet(set(logs, { major: 13, role: "standby" })).slice(1)).toEqual(["  logger", "  stats collector"]);
    expect(quiet(set({ logging_collector: "on" }, { major: 18 }))).toEqual(["  logger"]);
    expect(quiet(set({ logging_collector: "off" }, { major: 15 }))).toEqual([]);
  });

  test("are seen where it runs here, without a place for those that are unseen", () => {
    const usage = aUsage({ pid: 5, kind: "logger" }, { pid: 6, kind: "stats collector" }, { pid: 7, kind: "archiver" });
    const server = set({ logging_collector: "on", archive_mode: "on" }, { major: 13 });
    expect(quiet(server, usage)).toEqual(["  archiver 7", "  logger 5", "  stats collector 6"]);
  });

  test("whoever has a row by rights and is in none has come or gone meanwhile, and is no stranger", () => {
    const gone = [
      "client backend",
      "walsender",
      "autovacuum worker",
      "parallel worker",
      "logical replication apply worker",
      "archiver",
    ];
    const usage = aUsage(...gone.map((kind, i) => ({ pid: 20 + i, kind })));
    expect(quiet(aServer(), usage)).toEqual([]);
  });

  test("a child without a row and without a known title is shown once it is there to stay", () => {
    expect(
      quiet(aServer(), aUsage({ pid: 5, startedSeconds: YOUNG }, { pid: 6, kind: "pg_cron", startedSeconds: YOUNG })),
    ).toEqual([]);
    expect(quiet(aServer(), aUsage({ pid: 5 }, { pid: 6, kind: "pg_cron" }))).toEqual(["  ? 5", "  pg_cron 6"]);
  });

  test("connections that authenticate are counted, once it takes them long", () => {
    const title = "app shop 10.0.0.7(4711) authentication";
    const usage = aUsage(
      { pid: 5, kind: "client backend", title },
      { pid: 6, kind: "client backend", title: "app shop [local] startup  " },
      { pid: 7, kind: "half-open" },
      { pid: 8, kind: "half-open", startedSeconds: YOUNG },
    );
    expect(quiet(aServer({ major: 17 }), usage)).toEqual(["  connecting (3)"]);
  });

  test("without SQL every process has a row", () => {
    const rows = [
      anAuxiliary("logger", 5),
      anAuxiliary("checkpointer", 6),
      aBackend({ pid: 7, backendType: "half-open" }),
    ];
    const server = aServer({ lane: "host", tuning: null, major: 13 });
    expect(quiet(server)).toEqual([]);
    expect(drawn(aSample({ backends: rows, server }))).toEqual([
      "postmaster",
      "  checkpointer 6",
      "  logger 5",
      "  sessions (0)",
      "  connecting (1)",
    ]);
  });
});

describe("what ought to be there and is not", () => {
  const missing = (
    values: Parameters<typeof settings>[0],
    given: ServerGiven = {},
    rows: readonly Backend[] = [],
  ): string[] =>
    missingProcesses(aSample({ server: set(values, given), backends: rows })).map(
      ({ kind, because }) => `${kind}: ${because}`,
    );

  test.each<[string, Parameters<typeof settings>[0], ServerGiven, string[]]>([
    ["an archiver on a primary", { archive_mode: "on" }, {}, ["archiver: archive_mode = on"]],
    ["none on a standby", { archive_mode: "on" }, { role: "standby" }, ["walreceiver: this is a standby"]],
    [
      "on a standby where it is told to",
      { archive_mode: "always" },
      { role: "standby" },
      ["walreceiver: this is a standby", "archiver: archive_mode = always"],
    ],
    ["before 14 no row would tell of it", { archive_mode: "on" }, { major: 13 }, []],
    ["an autovacuum launcher", { autovacuum: "on", track_counts: "on" }, {}, ["autovacuum launcher: autovacuum = on"]],
    ["none without counts", { autovacuum: "on", track_counts: "off" }, {}, []],
    ["a WAL summarizer", { summarize_wal: "on" }, {}, ["walsummarizer: summarize_wal = on"]],
    ["I/O workers", { io_method: "worker" }, {}, ["io worker: io_method = worker"]],
    ["none with io_uring", { io_method: "io_uring" }, {}, []],
    [
      "nothing of what is off",
      { archive_mode: "off", autovacuum: "off", track_counts: "on", summarize_wal: "off", logging_collector: "on" },
      {},
      [],
    ],
  ])("%s", (_, values, given, expected) => {
    expect(missing(values, given)).toEqual(expected);
  });

  test("nothing where it is there", () => {
    expect(missingProcesses(aServerAtWork().sample)).toEqual([]);
    expect(missingProcesses(aStandby())).toEqual([]);
  });

  test("no walreceiver where recovery has ended since the role was read", () => {
    const standby = set({ archive_mode: "off" }, { role: "standby" });
    const recovery = { unreplayedBytes: 0, lastReplayedSeconds: null, paused: false };
    const kinds = (workings: Sample["workings"]): string[] =>
      missingProcesses(aSample({ server: standby, workings })).map(({ kind }) => kind);
    expect(kinds(aWorkings({ recovery }))).toEqual(["walreceiver"]);
    expect(kinds(aWorkings({ recovery: "none" }))).toEqual([]);
    // Where that is refused, nobody says that recovery has ended.
    expect(kinds(aWorkings({ recovery: null, receiver: null }))).toEqual(["walreceiver"]);
  });

  test("nothing is claimed of what our role does not see, or without settings", () => {
    expect(missing({ archive_mode: "on" }, {}, hiddenProcesses(5))).toEqual([]);
    expect(missing({ archive_mode: "on" }, { seeAll: false })).toEqual([]);
    expect(missingProcesses(aSample({ server: aServer({ lane: "host", tuning: null }) }))).toEqual([]);
  });

  test("the logger, and before 14 the archiver, are missed where the machine itself is asked", () => {
    const values = { logging_collector: "on", archive_mode: "on" };
    const ask = (usage: Sample["usage"]): string[] =>
      missingProcesses(aSample({ server: set(values, { major: 13 }), usage })).map(({ kind }) => kind);
    expect(ask(aUsage({ pid: 5, kind: "checkpointer" }))).toEqual(["archiver", "logger"]);
    expect(
      ask(aUsage({ pid: 5, kind: "checkpointer" }, { pid: 6, kind: "logger" }, { pid: 7, kind: "archiver" })),
    ).toEqual([]);
    // Titles that nobody can read prove nothing.
    expect(ask(aUsage({ pid: 5 }))).toEqual([]);
  });

  test("a standby without a WAL receiver may be fed from an archive, and that is said", () => {
    const [receiver] = missingProcesses(aSample({ server: set({}, { role: "standby" }) }));
    expect(receiver!.harmlessWhere).toContain("restore_command");
  });

  test("is a row of the tree, in its place", () => {
    const server = set({ archive_mode: "on", autovacuum: "on", track_counts: "on" });
    expect(drawn(aSample({ server, backends: [asleep("checkpointer", 5, "CheckpointerMain")] }))).toEqual([
      "postmaster",
      "  checkpointer 5",
      "  archiver missing",
      "  autovacuum launcher missing",
      "  sessions (0)",
    ]);
  });
});

describe("what acts on a row", () => {
  const { sample } = aServerAtWork();
  const terminated = (kind: string): string => {
    const row = processRows(sample).find(({ node }) => node.kind === kind)!;
    if (row.backend === null) return "nothing";
    const is = standing(row.backend, "terminate", sample, []);
    return is.kind === "protected" ? is.protection.kind : is.kind;
  };

  test.each([
    ["postmaster", "nothing"],
    ["logger", "nothing"],
    ["sessions", "nothing"],
    ["checkpointer", "impossible"],
    ["archiver", "impossible"],
    ["io worker", "impossible"],
    ["autovacuum launcher", "impossible"],
    ["autovacuum worker", "autovacuum"],
    ["walsender", "walsender"],
    ["pg_cron launcher", "background worker"],
    ["logical replication apply worker", "background worker"],
    ["parallel worker", "redirect"],
    ["client backend", "free"],
  ])("of the %s: %s", (kind, is) => {
    expect(terminated(kind)).toBe(is);
  });
});

test("of two thousand sessions none has a node, and the tree is made once for a sample", () => {
  const sample = aSample({ backends: backends(2000) });
  expect(processTree(sample)).toHaveLength(2);
  expect(processTree(sample)).toBe(processTree(sample));
});
