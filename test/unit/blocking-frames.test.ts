import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { LockQueue } from "../../src/model/lock-queue.ts";
import type { Sample } from "../../src/model/reading.ts";
import { blockingBelow } from "../../src/panels/blocking-below.ts";
import { blockingEmpty, blockingHead, blockingLine } from "../../src/panels/blocking.ts";
import type { Line } from "../../src/panels/line.ts";
import { blockingRows } from "../../src/state/blocking-rows.ts";
import { paint } from "../../src/ui/paint.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aServersWorker, aWaiter, SERVER_NOW } from "./builders.ts";
import { anIncident } from "./incident.ts";
import { aPreparedXact, aQueue } from "./queues.ts";

// Golden frames of the tab, without the frame around it: its head, its rows, and under each what is said about it.
const NONE: ReadonlySet<string> = new Set();

function text(lines: readonly Line[], width: number): string {
  const plain = { tone: () => "", reset: "" };
  return paint(lines, width, plain, false).join("\n").replace(/ +$/gm, "");
}

function shown(sample: Sample, width: number, toggled = NONE): string {
  const rows = blockingRows(sample, toggled);
  const list = [...blockingHead(sample, width), ...rows.map((row) => blockingLine(row, sample, width))];
  const about = rows.map((row) => `[${row.key}]\n${text(blockingBelow(row, sample, width, 12), width)}`);
  const empty = rows.length === 0 ? [blockingEmpty(sample)] : [];
  return `${[text([...list, ...empty], width), ...about].join("\n\n")}\n`;
}

const since = (...ages: readonly number[]) => ages.map((age) => SERVER_NOW - age);
const UPDATE = "UPDATE accounts SET balance = balance - 10 WHERE id = 42";

/** The incident with the queues that its waiters stand in. */
function anIncidentWithQueues(): Sample {
  const row = { relation: "public.accounts", object: "(0,42)", mode: "ExclusiveLock" };
  const turn = [30_519, ...Array.from({ length: 7 }, (_, i) => 30_520 + i)];
  const queues = [
    aQueue(turn, { lockType: "tuple", ...row, sinceSeconds: since(828, ...turn.slice(1).map((_, i) => 700 - i)) }),
    aQueue([30_518], {
      ...{ lockType: "transactionid", mode: "ShareLock", relation: null, object: "8800000", sinceSeconds: since(835) },
    }),
  ];
  return { ...anIncident(), queues };
}

/** A migration behind a reader, many behind the migration; a prepared transaction; a vacuum; a deadlock in the making. */
function aBusyDay(): Sample {
  const lock = { waitEvent: "relation", xactAge: 40, queryAge: 40 };
  const reader = aBackend({
    ...{ pid: 29_001, user: "report", application: "metabase", state: "idle in transaction", xactAge: 900 },
    ...{ stateAge: 890, query: "SELECT count(*) FROM products" },
  });
  const alter = aWaiter(29_002, [29_001], {
    ...lock,
    ...{ user: "deploy", application: "flyway", query: "ALTER TABLE products ADD COLUMN colour text" },
  });
  const readers = Array.from({ length: 14 }, (_, i) => 29_010 + i);
  const vacuum = aServersWorker({ pid: 29_100, xactAge: 7800, stateAge: 7800 });
  const backends: Backend[] = [
    reader,
    alter,
    ...readers.map((pid, i) =>
      i === 13
        ? aHiddenBackend({ pid, application: "psql" })
        : aWaiter(pid, i < 10 ? [29_002] : [], { ...lock, application: `web-${i}`, query: "SELECT * FROM products" }),
    ),
    vacuum,
    aWaiter(30_900, [29_100], { ...lock, user: "dba", application: "psql", query: "CREATE INDEX ON events (at)" }),
    aWaiter(31_000, [0], { waitEvent: "transactionid", application: "billing", query: UPDATE }),
    aWaiter(32_001, [32_002], { application: "web-1", query: UPDATE }),
    aWaiter(32_002, [32_001], { application: "web-2", query: UPDATE }),
    aWaiter(33_000, [], { waitEvent: "advisory", application: "cron", query: "SELECT pg_advisory_lock(42)" }),
  ];
  const transaction = { lockType: "transactionid", mode: "ShareLock", relation: null };
  const queues: LockQueue[] = [
    aQueue(readers, { mode: "AccessShareLock", sinceSeconds: readers.map((_, i) => SERVER_NOW - 30 + i) }),
    aQueue([29_002], { sinceSeconds: since(35) }),
    aQueue([30_900], { relation: "public.events", mode: "ShareLock", sinceSeconds: since(41) }),
    aQueue([31_000], { ...transaction, object: "501", preparedHolders: [{ xid: 501, mode: "ExclusiveLock" }] }),
    aQueue([32_001], { ...transaction, object: "701" }),
    aQueue([32_002], { ...transaction, object: "702" }),
    aQueue([33_000], { lockType: "advisory", mode: "ExclusiveLock", relation: null, object: "42" }),
  ];
  const holdouts = { prepared: [aPreparedXact("order-4711", 501)], slots: [] };
  return aSample({ backends, queues, holdouts, waitersNotResolved: 4 });
}

describe("the tab, as text", () => {
  test.each([
    ["an-incident", 80],
    ["an-incident", 120],
    ["a-busy-day", 40],
    ["a-busy-day", 80],
    ["a-busy-day", 120],
    ["a-busy-day", 200],
  ])("%s, %i wide", async (name, width) => {
    const sample = name === "an-incident" ? anIncidentWithQueues() : aBusyDay();
    await expect(shown(sample, width)).toMatchFileSnapshot(`frames/blocking-${name}-${width}.txt`);
  });

  test("what is folded by itself unfolded, and the other way round", async () => {
    const [prepared] = blockingRows(aBusyDay(), NONE).filter(({ key }) => key.startsWith("prepared"));
    const more = blockingRows(aBusyDay(), NONE).find(({ kind }) => kind === "more");
    const toggled = new Set([prepared!.key, more!.key]);
    const rows = blockingRows(aBusyDay(), toggled);
    const lines = rows.map((row) => blockingLine(row, aBusyDay(), 80));
    await expect(`${text(lines, 80)}\n`).toMatchFileSnapshot("frames/blocking-unfolded.txt");
  });

  test.each<[string, Sample]>([
    ["nobody waits", aSample()],
    ["hidden sessions", aSample({ backends: [aHiddenBackend(), aHiddenBackend({ pid: 8 })] })],
    ["without SQL", aSample({ server: aServer({ lane: "host" }) })],
    [
      "without SQL, of two that wait",
      aSample({ backends: [aWaiter(1, []), aWaiter(2, [])], server: aServer({ lane: "host" }) }),
    ],
    [
      "before 14",
      {
        ...anIncidentWithQueues(),
        queues: anIncidentWithQueues().queues.map((queue) => ({ ...queue, sinceSeconds: [] })),
      },
    ],
  ])("%s", async (name, sample) => {
    await expect(shown(sample, 80)).toMatchFileSnapshot(`frames/blocking-${name.replace(/\W+/g, "-")}.txt`);
  });
});

test("of a parallel apply worker it is said for whom it works, and that it is as it should be", () => {
  const worker = { backendType: "logical replication parallel worker", user: "postgres", query: "", leaderPid: 7 };
  const backends = [aServersWorker({ pid: 8, ...worker }), aWaiter(7, [8], { ...worker, leaderPid: null })];
  const sample = aSample({ backends });
  const [row] = blockingRows(sample, NONE);
  expect(text([blockingLine(row!, sample, 120)], 120)).toMatch(/blocks 1 +works for the apply worker 7$/);
  const below = text(blockingBelow(row!, sample, 120, 12), 120);
  expect(below).toContain("It works for the apply worker 7, which gives it the changes");
  expect(below).toMatch(/to end it fails the transaction for both, and it begins\s+anew/);
});

test("no line is wider than the screen, whatever its width", () => {
  const sample = aBusyDay();
  for (let width = 40; width <= 300; width += 13) {
    for (const row of blockingRows(sample, NONE)) {
      const line = blockingLine(row, sample, width);
      expect(line.spans.reduce((sum, span) => sum + span.text.length, 0)).toBe(width);
      expect(line.spans[0]!.text.startsWith(" ")).toBe(true);
      for (const below of blockingBelow(row, sample, width, 5))
        expect(below.spans.reduce((sum, span) => sum + span.text.length, 0)).toBeLessThanOrEqual(width);
    }
  }
});

test("of those that stand for more, whose wait nobody tells is not said to have lasted 0 ms", () => {
  const pids = Array.from({ length: 20 }, (_, i) => 300 + i);
  const queues = [aQueue(pids, { sinceSeconds: [] })];
  const sample = aSample({ backends: pids.map((pid) => aHiddenBackend({ pid })), queues });
  const more = blockingRows(sample, NONE).find(({ kind }) => kind === "more")!;
  expect(text([blockingLine(more, sample, 80)], 80)).toMatch(/\+ \d+ more$/);
});

test("where titles stand still, how many wait is not known, and is no 0", () => {
  const postmaster = {
    ...{ pid: 900, osUser: "postgres", dataDirectory: "/data", limitsFrom: "pg_control", limitsDoubt: null },
    ...{ refuses: "everybody" as const, tellsActivity: false },
  };
  const sample = aSample({ backends: [aBackend()], server: aServer({ lane: "host", ownPid: null, postmaster }) });
  expect(text(blockingHead(sample, 80), 80)).toContain("roots ?, blocked ?");
});
