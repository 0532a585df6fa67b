import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/model/backend.ts";
import { aSample, aServer, backends } from "../builders.ts";
import { said, titlesAmong } from "./context.ts";
import { restingPool } from "./scenarios.ts";

const ID = "oversized-pools";
const fleet = (sizes: readonly number[], given: Parameters<typeof restingPool>[2] = {}) =>
  sizes.flatMap((size, i) => restingPool(`10.0.3.${11 + i}`, size, given));

test("pools of one size, give or take one, that rest", () => {
  expect(titlesAmong(ID, fleet([10, 10, 9, 11]))).toEqual([
    "pools of web hold 40 of 94 app slots: 4 of 9 to 11 each, 40 sessions idle",
  ]);
});

test("instances may have a number in their name", () => {
  const named = fleet([10, 10, 10]).map((b, i) => ({ ...b, application: `web-${Math.trunc(i / 10)}` }));
  expect(titlesAmong(ID, named)).toEqual(["pools of web-# hold 30 of 94 app slots: 3 of 10 each, 30 sessions idle"]);
});

describe("is none what", () => {
  test.each<[string, readonly Backend[]]>([
    ["is a small part of the slots", fleet([9, 9, 9])],
    ["is two", fleet([20, 20])],
    ["has different sizes", fleet([10, 20, 30])],
    ["is small in itself", Array.from({ length: 12 }, (_, i) => restingPool(`10.0.3.${11 + i}`, 3)).flat()],
    ["was in use within the last minute", fleet([10, 10, 10], { stateAge: 59 })],
    ["is at work", fleet([10, 10, 10], { state: "active" })],
    ["has no addresses, as hidden sessions have none", fleet([10, 10, 10], { clientAddress: null, clientPort: null })],
  ])("%s", (_, sessions) => {
    expect(titlesAmong(ID, sessions)).toEqual([]);
  });

  test("had half of it at work at some time", () => {
    const resting = fleet([10, 10, 10]);
    const busy = (n: number) => aSample({ backends: backends(n, { state: "active", pid: 900 }), secondsLater: -60 });
    const now = aSample({ backends: resting });
    expect(said(ID, [busy(16), now])).toEqual([]);
    expect(said(ID, [busy(15), now])[0]!.evidence).toContain(
      "at most 15 sessions of all applications were at work at once in the last 60 s",
    );
  });
});

test("it is a hint as long as there are slots, and a warning from then on", () => {
  const severity = (others: number) =>
    said(ID, aSample({ backends: [...fleet([10, 10, 10]), ...backends(others, { application: "api" })] }))[0]!.severity;
  expect(severity(10)).toBe("info");
  expect(severity(50)).toBe("warning");
});

test("without SQL nobody tells how long a session has rested", () => {
  const server = aServer({ lane: "host", tuning: null });
  expect(said(ID, aSample({ backends: fleet([10, 10, 10], { stateAge: null }), server }))).toEqual([]);
});
