import { describe, expect, test } from "vitest";
import { course } from "../../src/history/course.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Reading } from "../../src/model/reading.ts";
import { aGap, aSample, backends, NOW } from "./builders.ts";

const at = (secondsLater: number, used: number): Reading => aSample({ secondsLater, backends: backends(used) });
const drawn = (stretches: number, ...readings: readonly Reading[]) =>
  course(
    readings.reduce((history, reading) => append(history, reading), emptyHistory()),
    stretches,
  ).map(({ most }) => most?.used ?? null);

describe("the course of the slots in a chart", () => {
  test("is nothing before the first reading", () => {
    expect(drawn(10)).toEqual([]);
  });

  test("has a place for each sample while there is room", () => {
    expect(drawn(10, at(0, 1), at(1, 2), at(2, 3))).toEqual([1, 2, 3]);
  });

  test("shows the largest of each stretch when there is not, so that a short peak is seen", () => {
    expect(drawn(2, at(0, 1), at(1, 9), at(2, 2), at(3, 3))).toEqual([9, 3]);
  });

  test("begins when the history begins", () => {
    const history = append(emptyHistory(), at(0, 1));
    expect(course(history, 5)).toEqual([{ from: NOW, most: { used: 1, idleInTransaction: 0 } }]);
  });

  test("is not known while nobody looked: as long as it lasted, not one step", () => {
    const before = [0, 1, 2, 3].map((second) => at(second, 5));
    const after = [30, 31, 32, 33].map((second) => at(second, 7));
    expect(drawn(8, ...before, aGap("suspended for 26 s", 4), ...after)).toEqual([
      ...[5, null, null, null],
      ...[null, null, null, 7],
    ]);
  });

  test("goes on where a sample only came late", () => {
    expect(drawn(10, at(0, 5), at(1, 5), at(6, 6), at(7, 6))).toEqual([5, 5, 5, 6]);
  });
});
