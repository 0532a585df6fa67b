import { describe, expect, test } from "vitest";
import { aBackend, aSample, aState, listed, pidsListed, press, run, seen, shown, type, tick } from "./builders.ts";

const first = [aBackend({ pid: 1 }), aBackend({ pid: 2, user: "etl" })];
const later = seen(aSample({ secondsLater: 2, backends: [aBackend({ pid: 3 })] }));
const BY_PID = { sort: { column: "pid", descending: false } } as const;

describe("paused", () => {
  const { state } = run(aState(BY_PID), listed(...first), press("p"), later);

  test("the picture stays as it was", () => {
    expect(pidsListed(state)).toEqual([1, 2]);
  });

  test("sampling goes on behind it", () => {
    expect(state.history.entries).toHaveLength(2);
    expect(state.live?.sample.backends[0]?.pid).toBe(3);
  });

  test("it can still be sorted and filtered", () => {
    expect(pidsListed(run(state, press("r")).state)).toEqual([2, 1]);
    expect(pidsListed(run(state, press("/"), type("user:etl")).state)).toEqual([2]);
  });

  test("no query text is asked for: the session has gone on since", () => {
    const long = aBackend({ query: "x".repeat(300) });
    expect(run(aState(), listed(long), press("p", "enter")).effects).toEqual([]);
  });

  test("p goes back to live", () => {
    const { state: live } = run(state, press("p"));
    expect([live.frozen, live.notice?.text]).toEqual([null, "live again"]);
    expect(pidsListed(live)).toEqual([1, 2, 3]);
  });
});

test("there is nothing to freeze before the first sample", () => {
  expect(run(aState(), press("p")).state.frozen).toBeNull();
});

test.each([
  ["60x12", 60, 12],
  ["30x5", 30, 5],
])("at %s the numbers of the states are those of the frozen sample, too", (_, width, height) => {
  const { state } = run(aState({ width, height }), listed(...first, aBackend({ pid: 4, state: "active" })), press("p"));
  const after = run(state, later, tick(6)).state;
  expect(shown(after)).toMatch(/act 1 /);
});

test("the courses of the states stand still with the rows", () => {
  const paused = run(aState({ width: 120, height: 40 }), listed(...first), press("p")).state;
  const states = (state: typeof paused): string[] => shown(state).split("\n").slice(1, 7);
  expect(states(run(paused, later, tick(6)).state)).toEqual(states(paused));
});
