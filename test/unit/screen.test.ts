import { describe, expect, test } from "vitest";
import { aBackend, aGap, aSample, aState, aWaiter, listed, press, run, seen, shown, type } from "./builders.ts";
import { duringAnIncident } from "./incident.ts";

const sizes = [
  [200, 60],
  [120, 40],
  [80, 24],
  [80, 10],
  [60, 12],
  [40, 8],
] as const;

describe("a text that is typed can be seen", () => {
  test.each(sizes)("at %ix%i", (width, height) => {
    const { state } = run(aState({ width, height }), listed(aBackend()), press("/"), type("web"));
    expect(shown(state)).toContain("Filter: web");
  });

  test.each([
    ["the help page", "?"],
    ["the detail page", "enter"],
  ])("also when it was opened on %s", (_, page) => {
    const { state } = run(aState(), listed(aBackend()), press(page, "/"), type("web"));
    expect(shown(state)).toContain("Filter: web");
  });
});

describe("an outage that is longer than the history", () => {
  test.each(sizes)("leaves the last picture on the screen, at %ix%i", (width, height) => {
    const start = aState({ width, height, options: { historyCaps: { bytes: 2 ** 20, seconds: 60 } } });
    const { state } = run(start, listed(aBackend({ pid: 4711 })), seen(aGap("it is down", 61)));
    expect(shown(state)).toContain("4711");
  });

  test("also on a screen of one line", () => {
    const start = aState({ width: 40, height: 1, options: { historyCaps: { bytes: 2 ** 20, seconds: 60 } } });
    expect(shown(run(start, listed(aBackend()), seen(aGap("it is down", 61))).state)).toContain("1/100");
  });
});

test("an empty list says why it is empty", () => {
  expect(shown(run(aState(), seen(aSample())).state)).toContain("no sessions");
  const { state } = run(aState(), listed(aBackend()), press("i"));
  expect(shown(state)).toContain("none of 1 sessions listed: idle ones are hidden (i shows them)");
});

test("waiters of whom it is not told for whom they wait are counted", () => {
  const notAsked = Array.from({ length: 12 }, (_, i) => aWaiter(200 + i, []));
  const sample = aSample({ backends: [aBackend(), ...notAsked], waitersNotResolved: 12 });
  const { state } = run(aState({ width: 120, height: 40 }), seen(sample));
  expect(shown(state)).toContain("of 12 waiters not told for whom");
});

test("sampling that had to slow down says so", () => {
  const { state } = run(aState(), listed(aBackend()), { kind: "interval", actual: 7, at: 0 });
  expect(shown(state)).toContain("7.0s (costs too much for 2.0s)");
});

test("refused while connecting, the reason stands there", () => {
  const { state } = run(aState({ width: 120 }), seen(aGap("No slot is left for ordinary roles.")));
  expect(shown(state)).toMatch(
    /not connected to prod-db-1:5432\/shop as monitor\s+▲ Not in.\s+No slot is left for ordinary roles./,
  );
});

test("a history of two days at a sample each second is no burden for the header", () => {
  const { state } = run(aState({ width: 120, height: 40 }), listed(aBackend()));
  const entries = Array.from({ length: 172_800 }, () => state.history.entries[0]!);
  expect(() => shown({ ...state, history: { ...state.history, entries } })).not.toThrow();
});

test.each([60, 80, 100, 120, 160])(
  "at %i columns the version of the server does not run into what stands beside it",
  (width) => {
    const title = shown(duringAnIncident({ width, height: 40 })).split("\n")[0];
    expect(title).not.toMatch(/\S3\.1 ms/);
  },
);
