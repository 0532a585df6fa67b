import { describe, expect, test } from "vitest";
import { NO_WISH, WHAT_IF_FIELDS, type WhatIf, type WhatIfField } from "../../src/analysis/outlook.ts";
import { BOUNDS } from "../../src/analysis/what-if-refusals.ts";
import { isAsking, reset, step, typed, valueNow } from "../../src/state/what-if.ts";
import { aSample, aServer } from "./builders.ts";
import { KB, MB } from "./memory-sample.ts";

const SAMPLE = aSample();

function stepped(field: WhatIfField, by: 1 | -1, times: number, from: WhatIf = NO_WISH): WhatIf {
  let wish = from;
  for (let i = 0; i < times; i++) wish = step(wish, field, by, SAMPLE);
  return wish;
}

function values(field: WhatIfField, by: 1 | -1, times: number): (number | null)[] {
  return Array.from({ length: times }, (_, i) => stepped(field, by, i + 1)[field]);
}

describe("steps", () => {
  test("of connections are round, and between a tenth and a quarter", () => {
    expect(values("connections", 1, 8)).toEqual([120, 140, 160, 180, 200, 250, 300, 350]);
    expect(values("connections", -1, 8)).toEqual([90, 80, 70, 60, 50, 45, 40, 35]);
  });

  test("of work_mem double and halve", () => {
    expect(values("workMemBytes", 1, 3)).toEqual([8 * MB, 16 * MB, 32 * MB]);
    expect(values("workMemBytes", -1, 2)).toEqual([2 * MB, MB]);
  });

  test("of workers are one", () => {
    expect(values("parallelWorkers", 1, 2)).toEqual([9, 10]);
    expect(values("parallelWorkers", -1, 10)).toEqual([7, 6, 5, 4, 3, 2, 1, 0, 0, 0]);
  });

  test("of a pool are five; it begins as large as is advised, and below the least there is none", () => {
    expect(values("poolSize", 1, 3)).toEqual([20, 25, 30]);
    expect(step(NO_WISH, "poolSize", 1, SAMPLE, 18)).toEqual({ ...NO_WISH, poolSize: 18 });
    expect(stepped("poolSize", -1, 1)).toEqual(NO_WISH);
    const twenty = stepped("poolSize", 1, 1);
    const down = Array.from({ length: 5 }, (_, i) => stepped("poolSize", -1, i + 1, twenty).poolSize);
    expect(down).toEqual([15, 10, 5, 1, null]);
  });

  test.each(WHAT_IF_FIELDS)("of %s go no further than PostgreSQL does", (field) => {
    const { least, most } = BOUNDS[field];
    for (const by of [1, -1] as const) {
      const value = stepped(field, by, 1100)[field] ?? least;
      expect(value).toBeGreaterThanOrEqual(least);
      expect(value).toBeLessThanOrEqual(most);
    }
  });

  test("back to what it is now leave the field as it was", () => {
    for (const field of ["connections", "workMemBytes", "parallelWorkers"] as const)
      for (const by of [1, -1] as const)
        expect(stepped(field, by === 1 ? -1 : 1, 1, stepped(field, by, 1)), field).toEqual(NO_WISH);
  });

  test("go nowhere from what is not known", () => {
    const host = aSample({ server: aServer({ lane: "host", tuning: null }) });
    expect(step(NO_WISH, "workMemBytes", 1, host)).toEqual(NO_WISH);
    expect(valueNow("parallelWorkers", host)).toBeNull();
  });
});

describe("typed", () => {
  test.each<[WhatIfField, string, object]>([
    ["workMemBytes", "64MB", { value: 64 * MB }],
    ["workMemBytes", " 64 mb ", { value: 64 * MB }],
    ["workMemBytes", "1G", { value: 1024 * MB }],
    ["workMemBytes", "512kB", { value: 512 * KB }],
    ["workMemBytes", "1.5MiB", { value: 1536 * KB }],
    ["workMemBytes", "64", { error: "with its unit, please: 64MB" }],
    ["workMemBytes", "much", { error: "an amount, please: 64MB, 512kB, 1GB" }],
    ["workMemBytes", "0MB", { error: "the least is 64kB" }],
    ["workMemBytes", "0", { error: "the least is 64kB" }],
    ["workMemBytes", "-1MB", { error: "an amount, please: 64MB, 512kB, 1GB" }],
    ["poolSize", "0", { error: "a pool has 1 at the least; empty: no pool" }],
    ["parallelWorkers", "0", { value: 0 }],
    ["connections", "200", { value: 200 }],
    ["connections", "0", { value: 0 }],
    ["connections", "262143", { value: 262_143 }],
    ["connections", "262144", { error: "the most is 262143" }],
    ["workMemBytes", "2147483647kB", { value: 2_147_483_647 * KB }],
    ["workMemBytes", "2TB", { error: "the most is 2147483647kB" }],
    ["workMemBytes", "9999999999999999999TB", { error: "the most is 2147483647kB" }],
    ["parallelWorkers", "99999", { error: "the most is 1024" }],
    ["connections", "99999999999999999999", { error: "the most is 262143" }],
    ["connections", "-5", { error: "a whole number, please" }],
    ["connections", "2e3", { error: "a whole number, please" }],
    ["poolSize", "30", { value: 30 }],
    ["parallelWorkers", "", { value: null }],
  ])("into %s: %j", (field, text, expected) => {
    expect(typed(field, text)).toEqual(expected);
  });
});

test("a field, or the whole form, is as it is now again", () => {
  const wish = { ...NO_WISH, connections: 200, poolSize: 20 };
  expect(reset(wish, "connections")).toEqual({ ...NO_WISH, poolSize: 20 });
  expect(reset(wish)).toBe(NO_WISH);
  expect(isAsking(wish)).toBe(true);
  expect(isAsking(NO_WISH)).toBe(false);
});
