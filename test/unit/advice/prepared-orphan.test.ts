import { expect, test } from "vitest";
import { aSample, aWaiter } from "../builders.ts";
import { said } from "./context.ts";
import { aPrepared, aQueue } from "./scenarios.ts";

const ID = "prepared-orphan";
const held = (...prepared: ReturnType<typeof aPrepared>[]) => ({ holdouts: { prepared, slots: [] } });

test.each([
  [299, 0],
  [300, 1],
])("one of %i s", (age, found) => {
  expect(said(ID, aSample(held(aPrepared(age))))).toHaveLength(found);
});

test("whose it is, where, how old, how far behind, and what ends it", () => {
  const [found] = said(ID, aSample(held(aPrepared(4000, "x'y"))));
  expect(found!.title).toBe("prepared transaction x'y of app in shop is 1h06 old");
  expect(found!.evidence[0]).toBe("it keeps its locks, and dead rows of shop, those of the last 10.0k transactions");
  expect(found!.next.flatMap(({ sql }) => sql ?? [])).toEqual(["ROLLBACK PREPARED 'x''y';"]);
});

test("each is told, the oldest first, five at the most", () => {
  const many = Array.from({ length: 8 }, (_, i) => aPrepared(400 + i, `g${i}`));
  const found = said(ID, aSample(held(...many)));
  expect(found.map(({ about }) => about)).toEqual(["g7", "g6", "g5", "g4", "g3"]);
  expect(found[0]!.evidence).toContain("8 prepared transactions are as old as that");
});

test("one that many wait for is told with them", () => {
  const waiters = Array.from({ length: 6 }, (_, i) => aWaiter(60 + i, [0]));
  const queue = aQueue({
    mode: "AccessExclusiveLock",
    waiters: waiters.map(({ pid }) => pid),
    preparedHolders: [{ xid: 49_990_000, mode: "AccessExclusiveLock" }],
  });
  expect(said(ID, aSample({ backends: waiters, queues: [queue], ...held(aPrepared(4000)) }))).toEqual([]);
});

test("what nobody tells is not told", () => {
  expect(said(ID, aSample({ holdouts: null }))).toEqual([]);
});
