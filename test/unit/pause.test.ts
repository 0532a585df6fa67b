import { describe, expect, test } from "vitest";
import {
  aBackend,
  aGap,
  aSample,
  aState,
  listed,
  pidsListed,
  press,
  run,
  seen,
  shown,
  type,
  tick,
} from "./builders.ts";

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

describe("the server goes while nobody looks at what is live", () => {
  const gone = seen(aGap("nothing listens on db1:5432", 20));

  test.each([
    ["120x40", 120, 40],
    ["80x24", 80, 24],
    ["60x12", 60, 12],
  ])("paused, at %s: that it is paused, that it is stale, and why", (_, width, height) => {
    const text = shown(run(aState({ width, height }), listed(...first), press("p"), gone, tick(30)).state);
    expect(text).toMatch(/PAUSED +STALE/);
    expect(text).toContain("nothing listens on db1:5432");
  });

  test.each([["enter"], ["?"], ["o"]])("on the page of %s: why, too", (key) => {
    const { state } = run(aState(), listed(...first), press(key), gone, tick(30));
    expect(shown(state)).toContain("nothing listens on db1:5432");
  });

  test("p does not say that anything is live again", () => {
    const { state } = run(aState(), listed(...first), press("p"), gone, tick(30), press("p"));
    expect(shown(state)).not.toContain("live again");
    expect(shown(state)).toContain("nothing new is read");
  });

  test("one that hangs has a reason before it is given up", () => {
    expect(shown(run(aState(), listed(...first), tick(30)).state)).toContain("no answer yet");
  });
});

test("the next key takes a notice away: what it does is seen in the status line", () => {
  const { state } = run(aState(), listed(...first), press("p", "p"));
  expect(shown(state)).toContain("live again");
  expect(shown(run(state, press("space")).state)).toContain("1 tagged");
});
