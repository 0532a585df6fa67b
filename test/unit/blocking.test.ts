import { expect, test } from "vitest";
import { blocking } from "../../src/analysis/blocking.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aSample, aWaiter } from "./builders.ts";

const blockingOf = (...backends: readonly Backend[]) => {
  const { waiting, blocks, blocker } = blocking(aSample({ backends }));
  return { waiting, blocks: Object.fromEntries(blocks), blocker: Object.fromEntries(blocker) };
};
const holder = aBackend({ pid: 1, state: "idle in transaction" });

test("nobody waits", () => {
  expect(blockingOf(holder)).toEqual({ waiting: 0, blocks: {}, blocker: {} });
});

test("in a chain of five, each blocks everybody behind it", () => {
  expect(blockingOf(holder, aWaiter(2, [1]), aWaiter(3, [2]), aWaiter(4, [3]), aWaiter(5, [4]))).toEqual({
    waiting: 4,
    blocks: { 1: 4, 2: 3, 3: 2, 4: 1 },
    blocker: { 2: 1, 3: 2, 4: 3, 5: 4 },
  });
});

test("thirty wait for one", () => {
  const thirty = Array.from({ length: 30 }, (_, i) => aWaiter(100 + i, [1]));
  expect(blockingOf(holder, ...thirty)).toMatchObject({ waiting: 30, blocks: { 1: 30 } });
});

test("a queue for one lock, where everybody waits for everybody before, counts each waiter once", () => {
  expect(blockingOf(holder, aWaiter(2, [1]), aWaiter(3, [1, 2]), aWaiter(4, [1, 2, 3])).blocks).toEqual({
    1: 3,
    2: 2,
    3: 1,
  });
});

test("of several blockers the one that waits for nobody is named", () => {
  expect(blockingOf(holder, aWaiter(2, [1]), aWaiter(3, [2, 1])).blocker).toEqual({ 2: 1, 3: 1 });
});

test("when every blocker waits itself, the first is named", () => {
  expect(blockingOf(holder, aWaiter(2, [1]), aWaiter(3, [1]), aWaiter(4, [3, 2])).blocker[4]).toBe(3);
});

test("a deadlock in flight ends: each waits for the other and nobody behind itself", () => {
  expect(blockingOf(aWaiter(1, [2]), aWaiter(2, [1]))).toEqual({
    waiting: 2,
    blocks: { 1: 1, 2: 1 },
    blocker: { 1: 2, 2: 1 },
  });
});

test("a ring of three with one behind it ends as well", () => {
  expect(blockingOf(aWaiter(1, [3]), aWaiter(2, [1]), aWaiter(3, [2]), aWaiter(4, [1])).blocks).toEqual({
    1: 3,
    2: 3,
    3: 3,
  });
});

test("a prepared transaction blocks as pid 0", () => {
  expect(blockingOf(aWaiter(2, [0]), aWaiter(3, [2, 0]))).toEqual({
    waiting: 2,
    blocks: { 0: 2, 2: 1 },
    blocker: { 2: 0, 3: 0 },
  });
});

test("a blocker that our sample does not have is named all the same", () => {
  expect(blockingOf(aWaiter(2, [777]))).toMatchObject({ blocks: { 777: 1 }, blocker: { 2: 777 } });
});

test("waiters whose blockers were not asked for still count as waiting", () => {
  expect(blockingOf(aWaiter(2, []))).toEqual({ waiting: 1, blocks: {}, blocker: {} });
});
