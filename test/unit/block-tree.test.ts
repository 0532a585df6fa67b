import { describe, expect, test } from "vitest";
import { blockTree, type BlockNode } from "../../src/analysis/block-tree.ts";
import { blockersOf, blocking, seesAllWaiters, untoldWaiters } from "../../src/analysis/blocking.ts";
import { inTheWay } from "../../src/analysis/in-the-way.ts";
import { releasedBy } from "../../src/analysis/released.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { LockQueue } from "../../src/model/lock-queue.ts";
import type { Sample } from "../../src/model/reading.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aServersWorker, aWaiter } from "./builders.ts";
import { aPreparedXact, aQueue } from "./queues.ts";

const sampleOf = (backends: readonly Backend[], ...queues: readonly LockQueue[]) => aSample({ backends, queues });
const holder = aBackend({ pid: 1, state: "idle in transaction" });
const WAITING = { state: "active", waitEventType: "Lock", waitEvent: "relation" };

type Shape = string | [string, ...Shape[]];

/** A node by its pid or its key, with what stands under it. */
function shapeOf(node: BlockNode): Shape {
  const name = `${node.who.kind === "backend" ? node.who.backend.pid : node.key}${node.inRing ? " ring" : ""}`;
  return node.children.length === 0 ? name : [name, ...node.children.map(shapeOf)];
}
const treeOf = (sample: Sample) => blockTree(sample).roots.map(shapeOf);
const nodeOf = (sample: Sample, pid: number): BlockNode => {
  const open = [...blockTree(sample).roots];
  for (const node of open) {
    if (node.id === pid) return node;
    open.push(...node.children);
  }
  throw new Error(`${pid} is not in the tree`);
};

test("nobody waits: there is no tree", () => {
  expect(blockTree(sampleOf([holder]))).toEqual({ roots: [], blocked: 0, untold: 0, longest: null });
});

test("a chain of five is five deep", () => {
  const chain = [holder, ...[2, 3, 4, 5].map((pid) => aWaiter(pid, [pid - 1]))];
  expect(treeOf(sampleOf(chain))).toEqual([["1", ["2", ["3", ["4", "5"]]]]]);
});

test("a queue of thirty behind one holder is flat, although each also waits for those ahead", () => {
  const pids = Array.from({ length: 30 }, (_, i) => 100 + i);
  const waiters = pids.map((pid, i) => aWaiter(pid, [1, ...pids.slice(0, i)]));
  const [root] = treeOf(sampleOf([holder, ...waiters], aQueue(pids)));
  expect(root).toEqual(["1", ...pids.map(String)]);
  expect(nodeOf(sampleOf([holder, ...waiters], aQueue(pids)), 102).others).toEqual([100, 101]);
});

test("the longest waiting come first, and before them those who hold up others", () => {
  const sample = sampleOf(
    [holder, aWaiter(2, [1], { queryAge: 5 }), aWaiter(3, [1], { queryAge: 50 }), aWaiter(4, [1]), aWaiter(5, [4])],
    aQueue([2, 3], { sinceSeconds: [] }),
  );
  expect(treeOf(sample)).toEqual([["1", ["4", "5"], "3", "2"]]);
});

test("who waits for two roots stands under the one with more behind it, and counts behind both", () => {
  const other = aBackend({ pid: 2, state: "idle in transaction" });
  const sample = sampleOf([holder, other, aWaiter(3, [2, 1]), aWaiter(4, [1])]);
  expect(treeOf(sample)).toEqual([["1", "3", "4"], "2"]);
  expect(blockTree(sample).roots.map(({ behind }) => behind)).toEqual([2, 1]);
  expect(nodeOf(sample, 3).others).toEqual([2]);
});

test("DDL that waits has those behind it under itself, and is what to cancel first", () => {
  const alter = { waitEvent: "relation", query: "ALTER TABLE products ADD x int", xactAge: 20 };
  const backends = [holder, aWaiter(2, [1], alter), ...[3, 4, 5].map((pid) => aWaiter(pid, [2], WAITING))];
  const sample = sampleOf(backends, aQueue([3, 4, 5], { mode: "AccessShareLock" }), aQueue([2]));
  expect(treeOf(sample)).toEqual([["1", ["2", "3", "4", "5"]]]);
  expect(nodeOf(sample, 2).ddl).toEqual({ kind: "ALTER TABLE", changedNothing: true });
  expect(inTheWay(sample, 3, 2)).toBe("soft");
  expect(inTheWay(sample, 2, 1)).toBe("hard");
  expect(releasedBy(sample, 2)).toEqual({ atOnce: 3, inTurn: 0, held: 0 });
});

test("DDL that nobody stands behind alone is nothing to cancel first", () => {
  const lock = { waitEvent: "relation", query: "LOCK TABLE products" };
  const sample = sampleOf([holder, aWaiter(2, [1], lock), aWaiter(3, [1, 2], lock)], aQueue([2, 3]));
  expect(nodeOf(sample, 2).ddl).toBeNull();
});

test("who waits ahead and may hold the lock in a weaker mode is not said to hold nothing", () => {
  const upgrade = { waitEvent: "relation", query: "ALTER TABLE products ADD x int", xactAge: 60, queryAge: 20 };
  const sample = sampleOf(
    [holder, aWaiter(2, [1], upgrade), aWaiter(3, [2], WAITING), aWaiter(4, [3])],
    aQueue([2]),
    aQueue([3], { mode: "AccessShareLock" }),
  );
  expect(inTheWay(sample, 3, 2)).toBe("ahead");
  expect(inTheWay(sample, 4, 3)).toBe("unknown");
});

describe("those who were not asked", () => {
  const pids = Array.from({ length: 999 }, (_, i) => 1000 + i);
  const waiters = pids.map((pid, i) =>
    aWaiter(pid, i >= 100 ? [] : [1, ...pids.slice(0, Math.min(i, 15))], { waitEvent: "relation" }),
  );
  const sample = aSample({
    backends: [holder, ...waiters],
    queues: [aQueue(pids)],
    waitersNotResolved: 899,
  });

  test("stand where the first of their queue stands, and count", () => {
    const [root] = blockTree(sample).roots;
    expect(blockTree(sample)).toMatchObject({ blocked: 999, untold: 0 });
    expect(root).toMatchObject({ id: 1, under: 999, behind: 999 });
    expect(root!.children).toHaveLength(999);
    expect(blocking(sample).blocks.get(1)).toBe(999);
    expect(blocking(sample).blocker.get(1998)).toBe(1);
    expect(blockersOf(sample, 1998)).toEqual([1]);
    expect(seesAllWaiters(sample)).toBe(true);
  });

  test("one after the other get their lock when it takes an exclusive one", () => {
    expect(releasedBy(sample, 1)).toEqual({ atOnce: 1, inTurn: 998, held: 0 });
  });

  test("and hidden ones, of whom no more is known than their place in the queue", () => {
    const hidden = aHiddenBackend({ pid: 3 });
    const seen = sampleOf([holder, aWaiter(2, [1]), hidden], aQueue([2, 3]));
    expect(treeOf(seen)).toEqual([["1", "2", "3"]]);
  });

  test("wait for nobody knows whom, where nobody in their queue was asked", () => {
    const seen = aSample({
      backends: [holder, aWaiter(2, [1]), aWaiter(3, []), aWaiter(4, [3])],
      queues: [aQueue([3], { relation: "public.orders" })],
      waitersNotResolved: 1,
    });
    expect(treeOf(seen)).toEqual([
      ["1", "2"],
      ["untold", ["3", "4"]],
    ]);
    expect(untoldWaiters(seen)).toBe(1);
    expect(seesAllWaiters(seen)).toBe(false);
  });

  test("are not counted as waiting when they have had their lock before the queues were read", () => {
    expect(treeOf(sampleOf([holder, aWaiter(2, [1]), aWaiter(3, [])]))).toEqual([["1", "2"]]);
  });

  test("without SQL are everybody", () => {
    const seen = aSample({ backends: [aWaiter(2, []), aWaiter(3, [])], server: aServer({ lane: "host" }) });
    expect(treeOf(seen)).toEqual([["untold", "2", "3"]]);
  });
});

test("in a queue of which the first was not asked, nobody waits for who only stands ahead", () => {
  const sample = aSample({
    backends: [holder, aWaiter(2, []), aWaiter(3, [1, 2])],
    queues: [aQueue([2, 3])],
    waitersNotResolved: 1,
  });
  expect(blockersOf(sample, 2)).toEqual([1]);
  expect(treeOf(sample)).toEqual([["1", "2", "3"]]);
});

describe("a deadlock in flight", () => {
  test("is shown from one of its members, and nobody is lost", () => {
    const sample = sampleOf([aWaiter(3, [2]), aWaiter(2, [3]), aWaiter(4, [3]), aWaiter(5, [4])]);
    expect(treeOf(sample)).toEqual([["2 ring", ["3 ring", ["4", "5"]]]]);
    expect(blockTree(sample).blocked).toBe(4);
    expect(releasedBy(sample, 2)).toEqual({ atOnce: 1, inTurn: 2, held: 0 });
  });

  test("beside a root, which comes first", () => {
    const sample = sampleOf([aWaiter(7, [8]), aWaiter(8, [9]), aWaiter(9, [7]), holder, aWaiter(2, [1])]);
    expect(treeOf(sample)).toEqual([
      ["1", "2"],
      ["7 ring", ["9 ring", "8 ring"]],
    ]);
  });
});

test("a blocker that ended meanwhile keeps those behind it in the tree", () => {
  expect(treeOf(sampleOf([aWaiter(2, [777])]))).toEqual([["pid 777", "2"]]);
});

describe("parallel workers", () => {
  const worker = (pid: number, blockedBy: readonly number[]) =>
    aServersWorker({ pid, backendType: "parallel worker", leaderPid: 2, blockedBy, ...WAITING });

  test("that wait stand in the place of their leader, with their number", () => {
    const leader = aBackend({ pid: 2, state: "active", waitEventType: "IPC", waitEvent: "ExecuteGather" });
    const sample = sampleOf([holder, leader, worker(3, [1]), worker(4, [1])], aQueue([3, 4]));
    expect(treeOf(sample)).toEqual([["1", "2"]]);
    expect(nodeOf(sample, 2)).toMatchObject({ workers: 2, waits: true });
    expect(blocking(sample).blocks.get(1)).toBe(1);
    expect(Object.fromEntries(blocking(sample).blocker)).toEqual({ 2: 1, 3: 1, 4: 1 });
  });

  test("whose leader is not told stand for themselves", () => {
    expect(treeOf(sampleOf([holder, { ...worker(3, [1]), leaderPid: null }]))).toEqual([["1", "3"]]);
  });
});

describe("prepared transactions", () => {
  const holdouts = { prepared: [aPreparedXact("one", 501), aPreparedXact("two", 502)], slots: [] };

  test("are roots by their names, those alone whose lock is in the way", () => {
    const preparedHolders = [
      { xid: 501, mode: "AccessShareLock" },
      { xid: 502, mode: "RowExclusiveLock" },
    ];
    const seen = (mode: string) =>
      treeOf(aSample({ backends: [aWaiter(9, [0])], queues: [aQueue([9], { mode, preparedHolders })], holdouts }));
    expect(seen("ShareLock")).toEqual([["prepared two", "9"]]);
    expect(seen("AccessExclusiveLock")).toEqual([["prepared two", "9"], "prepared one"]);
  });

  test("of one of them its subtransactions are no others", () => {
    const preparedHolders = [501, 777].map((xid) => ({ xid, mode: "ExclusiveLock" }));
    const queue = aQueue([9], { lockType: "transactionid", mode: "ShareLock", object: "777", preparedHolders });
    const sample = aSample({ backends: [aWaiter(9, [0])], queues: [queue], holdouts });
    expect(treeOf(sample)).toEqual([["prepared one", "9"]]);
    expect(blocking(sample).blocks.get(0)).toBe(1);
  });

  test("each with its own number of waiters, together with all of them", () => {
    const queue = (pids: number[], xid: number) =>
      aQueue(pids, { object: String(xid), preparedHolders: [{ xid, mode: "ExclusiveLock" }] });
    const backends = [aWaiter(7, [0]), aWaiter(8, [0]), aWaiter(9, [0]), aWaiter(10, [0])];
    const sample = aSample({ backends, queues: [queue([7, 8], 501), queue([9], 502)], holdouts });
    const counts = blockTree(sample).roots.map(({ key, behind }) => [key, behind]);
    expect(counts).toEqual([
      ["prepared one", 2],
      ["prepared two", 1],
      ["prepared ?", 1],
    ]);
    expect(blocking(sample).blocks.get(0)).toBe(4);
  });

  test("of which the server does not say which stand for themselves", () => {
    expect(treeOf(sampleOf([aWaiter(9, [0])]))).toEqual([["prepared ?", "9"]]);
  });
});

test("a serializable transaction that waits for a safe snapshot stands behind those that write", () => {
  const safe = aWaiter(2, [1], { waitEventType: "IPC", waitEvent: "SafeSnapshot" });
  expect(treeOf(sampleOf([holder, safe]))).toEqual([["1", "2"]]);
});

test("since when somebody waits is the server's word, or no longer than the query", () => {
  const backends = [holder, aWaiter(2, [1], { queryAge: 20 })];
  expect(blockTree(sampleOf(backends, aQueue([2]))).longest).toEqual({ seconds: 1, exact: true });
  expect(blockTree(sampleOf(backends)).longest).toEqual({ seconds: 20, exact: false });
});

test("a chain of twenty thousand is neither too deep nor too dear", () => {
  const chain = [holder, ...Array.from({ length: 20_000 }, (_, i) => aWaiter(i + 2, [i + 1]))];
  const [root] = blockTree(sampleOf(chain)).roots;
  expect(root).toMatchObject({ under: 20_000, behind: 20_000 });
});
