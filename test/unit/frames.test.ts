import type { Message } from "../../src/state/message.ts";
import { describe, expect, test } from "vitest";
import { blocking } from "../../src/analysis/blocking.ts";
import { slots } from "../../src/analysis/slots.ts";
import { aBackend, aGap, aState, listed, NOW, press, run, seen, shown, tick, type } from "./builders.ts";
import { anIncident, anIncidentSeenByAnyone, duringAnIncident } from "./incident.ts";

// Golden frames: what a person sees, as files that read like a manual. Write them anew with `vitest run --project unit -u`,
// and look at each change.
const S80 = { width: 80, height: 24 };

describe("the incident", () => {
  test.each([
    [300, 100],
    [200, 60],
    [160, 40],
    [120, 40],
    [100, 30],
    [99, 30],
    [80, 24],
    [80, 10],
    [79, 24],
    [60, 12],
    [40, 10],
    [39, 10],
    [30, 5],
    [20, 3],
    [20, 1],
    [5, 2],
    [1, 1],
    [0, 0],
  ])("at %ix%i", async (width, height) => {
    await expect(shown(duringAnIncident({ width, height }))).toMatchFileSnapshot(`frames/${width}x${height}.txt`);
  });

  test.each<[string, ...(Message | Message[])[]]>([
    ["paused", press("p"), tick(90)],
    [
      "stale",
      seen(aGap("Nothing listens on prod-db-1:5432: is PostgreSQL running there, and is the port right?", 5)),
      tick(65),
    ],
    ["filter-being-typed", press("/"), type("user:app wait:lock >13m")],
    ["filter-wrong", press("/"), type("usr:app")],
    ["filtered", press("/"), type("state:itx"), press("enter")],
    ["nothing-matches", press("/"), type("user:nobody"), press("enter")],
    ["idle-hidden", press("i", "space", "space")],
    ["sorted-by-state", press(">", ">", ">", "<", "r")],
    ["next-problem", press("n")],
    ["help", press("?")],
    ["detail-of-the-blocker", press("enter")],
    ["detail-of-a-waiter", press("j", "enter")],
    ["columns", press("o", "j", "j", "j", "space", "k", "right", "right")],
    ["columns-that-do-not-fit", press("o", "j", "space", "j", "j", "space", "G", "k", "space", "enter")],
    ["query-scrolled", press("right", "right")],
    ["mouse-on", press("m")],
  ])("%s, at 80x24", async (name, ...messages) => {
    await expect(shown(duringAnIncident(S80, ...messages))).toMatchFileSnapshot(`frames/${name}.txt`);
  });

  test("seen by a role that may see only its own sessions", async () => {
    const { state } = run(aState(S80), seen(anIncidentSeenByAnyone()));
    await expect(shown(state)).toMatchFileSnapshot("frames/unprivileged-role.txt");
  });
});

test("connecting", async () => {
  await expect(shown(aState(S80))).toMatchFileSnapshot("frames/connecting.txt");
});

test("a quiet server", async () => {
  const { state } = run(
    aState(S80),
    listed(aBackend({ pid: 1201, stateAge: 3 }), aBackend({ pid: 1202, stateAge: 1 })),
  );
  await expect(shown(state)).toMatchFileSnapshot("frames/quiet.txt");
});

test("the detail page with a long query", async () => {
  const columns = Array.from({ length: 40 }, (_, i) => `       a_column_with_a_long_name_${i} AS c${i}`).join(",\n");
  const query = `SELECT\n${columns}\n  FROM a_table -- 漢字 {bold} \u001b[31m`;
  const long = aBackend({
    pid: 41,
    state: "active",
    xactAge: 61,
    queryAge: 61,
    stateAge: 61,
    query: query.slice(0, 300),
  });
  const answer = {
    kind: "query",
    detail: { key: long.key, queryStartSeconds: long.queryStartSeconds, query },
    at: NOW,
  } as const;
  const { state } = run(aState(S80), listed(long), press("enter"), answer, press("down", "down"));
  await expect(shown(state)).toMatchFileSnapshot("frames/detail-of-a-long-query.txt");
});

test("the incident is the one that the application feels: 90 of its 94 slots are used, nine wait behind one", () => {
  const sample = anIncident(3);
  expect(slots(sample)).toMatchObject({ used: { low: 90 }, free: { app: 4 }, level: "critical" });
  expect(blocking(sample).blocks.get(30_412)).toBe(9);
});
