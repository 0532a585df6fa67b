import { describe, expect, test } from "vitest";
import {
  countIn,
  groupCounts,
  holderGroups,
  HOLDER_BYS,
  membersOf,
  type HolderBy,
} from "../../src/analysis/holder-groups.ts";
import { holders } from "../../src/analysis/holders.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServersWorker, aWaiter, backends } from "./builders.ts";
import { anIncident, anIncidentSeenByAnyone } from "./incident.ts";

function groups(sample: ReturnType<typeof aSample>, by: HolderBy): unknown[] {
  return holderGroups(sample, by).map(({ names, count }) => [...names, count]);
}

test("two groupings together tell each pair apart", () => {
  const sample = aSample({
    backends: [
      ...backends(3, { application: "web", clientAddress: "10.0.0.1" }),
      ...backends(2, { application: "web", clientAddress: "10.0.0.2" }),
      aBackend({ application: "", clientAddress: null, clientPort: -1 }),
    ],
  });
  expect(groups(sample, ["application", "client"])).toEqual([
    ["web", "10.0.0.1", 3],
    ["web", "10.0.0.2", 2],
    ["", "local", 1],
  ]);
});

test("an empty name is a group of its own, and not that of those who tell none", () => {
  const sample = aSample({
    backends: [...backends(2, { application: "" }), aBackend({ application: null }), aBackend({ application: "web" })],
  });
  expect(groups(sample, ["application"])).toEqual([
    ["", 2],
    ["web", 1],
    [null, 1],
  ]);
  expect(new Set(holderGroups(sample, ["application"]).map(({ key }) => key)).size).toBe(3);
});

test("by query: its id where there is one, else the first line of its text", () => {
  const sample = aSample({
    backends: [
      ...backends(2, { query: "SELECT 1\n-- of web-1" }),
      aBackend({ query: "\n  SELECT 1\r\n-- of web-2" }),
      aBackend({ query: "SELECT 42", queryId: "-7" }),
      aBackend({ query: "SELECT 43", queryId: "-7" }),
      aBackend({ query: "" }),
      aHiddenBackend(),
    ],
  });
  expect(groups(sample, ["query"])).toEqual([
    ["SELECT 1", 3],
    ["-7", 2],
    ["", 1],
    [null, 1],
  ]);
});

test("by state: hidden rows are said to be hidden, and a state without a name here keeps its own", () => {
  const sample = aSample({
    backends: [...backends(2), aBackend({ state: "pondering" }), aHiddenBackend(), aBackend({ state: null })],
  });
  expect(groups(sample, ["state"])).toEqual([
    ["idle", 2],
    ["hidden", 1],
    ["pondering", 1],
    [null, 1],
  ]);
});

test("a group tells how its sessions are, and for how long", () => {
  const sample = aSample({
    backends: [
      aBackend({ stateAge: 7260 }),
      aBackend({ stateAge: 600, queryAge: null, query: "" }),
      aBackend({ state: "idle in transaction", stateAge: 9000 }),
      aBackend({ state: "active", stateAge: 1 }),
      aWaiter(1, [2], { application: "web" }),
      aHiddenBackend({ application: "web" }),
    ],
  });
  expect(holderGroups(sample, ["application"])[0]).toMatchObject({
    count: 6,
    states: { idle: 2, active: 2, "idle in transaction": 1, unknown: 1 },
    waiting: 1,
    hidden: 1,
    oldestIdleSeconds: 7260,
    oldestStateSeconds: 9000,
    neverUsed: 1,
  });
});

describe("never used is a session that", () => {
  test.each([
    ["is idle, and has never run a query", { query: "", queryAge: null }, 1],
    ["not one whose query text is empty because it sent an empty one", { query: "", queryAge: 3 }, 0],
    ["not one that is still starting", { query: "", queryAge: null, state: "starting" }, 0],
    ["not one whose activities are not tracked", { query: "", queryAge: null, state: "disabled" }, 0],
  ])("%s", (_, given, n) => {
    expect(holderGroups(aSample({ backends: [aBackend(given)] }), ["application"])[0]?.neverUsed).toBe(n);
  });
});

test("ages that nobody tells are not known", () => {
  const sample = aSample({ backends: [aHiddenBackend(), aBackend({ user: "etl", state: "active", stateAge: null })] });
  for (const group of holderGroups(sample, ["role"]))
    expect(group).toMatchObject({ oldestIdleSeconds: null, oldestStateSeconds: null });
});

test("processes of the server's own are in no group", () => {
  const own = [anAuxiliary("checkpointer", 7), aServersWorker({ pid: 8 }), aBackend({ backendType: "walsender" })];
  for (const by of HOLDER_BYS) expect(holderGroups(aSample({ backends: own }), by)).toEqual([]);
});

describe.each(HOLDER_BYS.map((by) => [by.join(" and "), by] as const))("by %s", (_, by) => {
  test.each([
    ["the incident", anIncident(3)],
    ["the incident, seen by anyone", anIncidentSeenByAnyone()],
  ])("in %s, the groups share out everybody", (_, sample) => {
    const all = holderGroups(sample, by);
    const total = all.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBe(holders(sample, "role").reduce((sum, { count }) => sum + count, 0));
    const counts = groupCounts(sample.backends, by);
    for (const group of all) {
      expect(countIn(counts, group.names)).toBe(group.count);
      expect(membersOf(sample, group)).toHaveLength(group.count);
    }
  });
});

test("what titles of processes and sessions without track_activities do not tell is neither no query, nor never used", () => {
  const untold = [
    aBackend({ query: "", queryAge: null, backendStart: "proc 1" }),
    aBackend({ query: "", queryAge: null, state: "disabled" }),
    aBackend({ query: "", queryAge: null }),
  ];
  const found = holderGroups(aSample({ backends: untold }), ["query"]);
  expect(found.map(({ names, count, neverUsed }) => [names[0], count, neverUsed])).toEqual([
    [null, 2, 0],
    ["", 1, 1],
  ]);
});
