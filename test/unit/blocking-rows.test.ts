import { expect, test } from "vitest";
import { blockingRows } from "../../src/state/blocking-rows.ts";
import { aBackend, aSample, aWaiter } from "./builders.ts";

const holder = aBackend({ pid: 1, state: "idle in transaction" });
const waiters = (n: number) => Array.from({ length: n }, (_, i) => aWaiter(100 + i, [1], { queryAge: 900 - i }));
const rowsOf = (n: number, ...toggled: readonly string[]) =>
  blockingRows(aSample({ backends: [holder, ...waiters(n)] }), new Set(toggled));
const drawn = (n: number, ...toggled: readonly string[]) =>
  rowsOf(n, ...toggled).map(({ branch, key, folded }) => `${branch}${key.split("@")[0]}${folded ? " +" : ""}`);

test("up to ten that wait for one are all shown", () => {
  expect(rowsOf(10)).toHaveLength(11);
  expect(drawn(2)).toEqual(["1", "├─ 100", "└─ 101"]);
});

test("of eleven the longest waiting eight are, and one line for the others", () => {
  expect(drawn(11).slice(7)).toEqual(["├─ 106", "├─ 107", "└─ more of 1 +"]);
  expect(rowsOf(11).at(-1)).toMatchObject({ kind: "more", backend: null, folded: true });
});

test("that line is unfolded by its key, and stays where it was", () => {
  const { key } = rowsOf(11).at(-1)!;
  expect(drawn(11, key).slice(8)).toEqual(["├─ 107", "├─ more of 1", "├─ 108", "├─ 109", "└─ 110"]);
});

test("who is folded hides all that stand under it; who has nobody under it cannot be", () => {
  expect(drawn(11, holder.key)).toEqual(["1 +"]);
  expect(drawn(1, aWaiter(100, []).key)).toEqual(["1", "└─ 100"]);
});

test("branches run past those who have others under them", () => {
  const backends = [holder, aWaiter(2, [1]), aWaiter(3, [2]), aWaiter(4, [1])];
  const rows = blockingRows(aSample({ backends }), new Set());
  expect(rows.map(({ branch, backend }) => `${branch}${backend?.pid}`)).toEqual(["1", "├─ 2", "│  └─ 3", "└─ 4"]);
});
