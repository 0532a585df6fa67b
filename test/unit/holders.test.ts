import { describe, expect, test } from "vitest";
import { clientName } from "../../src/analysis/client-name.ts";
import { holders, type Grouping } from "../../src/analysis/holders.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServersWorker, backends } from "./builders.ts";

const SESSIONS = [
  ...backends(3, { application: "web-4", user: "app", clientAddress: "10.0.3.14", database: "shop" }),
  ...backends(2, { application: "loader", user: "etl", clientAddress: "10.0.9.2", database: "dwh" }),
  aBackend({ application: "", user: "app", clientAddress: null, clientPort: -1, database: "shop" }),
];

test.each<[Grouping, [string | null, number][]]>([
  [
    "application",
    [
      ["web-4", 3],
      ["loader", 2],
      ["", 1],
    ],
  ],
  [
    "role",
    [
      ["app", 4],
      ["etl", 2],
    ],
  ],
  [
    "client",
    [
      ["10.0.3.14", 3],
      ["10.0.9.2", 2],
      ["local", 1],
    ],
  ],
  [
    "database",
    [
      ["shop", 4],
      ["dwh", 2],
    ],
  ],
])("by %s, the largest first", (by, expected) => {
  expect(holders(aSample({ backends: SESSIONS }), by).map((holder) => [holder.name, holder.count])).toEqual(expected);
});

test("equal counts stand in the order of their names, those without one last", () => {
  const sample = aSample({
    backends: [null, "b", "a"].map((database, i) => aBackend({ pid: i, database, state: "starting" })),
  });
  expect(holders(sample, "database").map((holder) => holder.name)).toEqual(["a", "b", null]);
});

test("each holder tells the states of its sessions and the longest time in one", () => {
  const sample = aSample({
    backends: [aBackend({ stateAge: 7260 }), aBackend({ stateAge: 3 }), aBackend({ state: "active", stateAge: 1 })],
  });
  expect(holders(sample, "application")).toEqual([
    { by: "application", name: "web", count: 3, states: { idle: 2, active: 1 }, oldestStateSeconds: 7260 },
  ]);
});

test("hidden sessions count under their role, and their client is not told", () => {
  const sample = aSample({ backends: [aHiddenBackend({ user: "app" })] });
  expect(holders(sample, "role")[0]).toMatchObject({ name: "app", count: 1, states: { unknown: 1 } });
  expect(holders(sample, "client")[0]).toMatchObject({ name: null, oldestStateSeconds: null });
});

test("processes of the server's own hold nothing", () => {
  const own = [anAuxiliary("checkpointer", 7), aServersWorker({ pid: 8 })];
  expect(holders(aSample({ backends: own }), "database")).toEqual([]);
});

describe("a client is called", () => {
  test.each([
    ["its address", { clientAddress: "::1", clientPort: 5 }, "::1"],
    ["local on a Unix socket", { clientAddress: null, clientPort: -1 }, "local"],
    ["nothing when the server does not tell", { clientAddress: null, clientPort: null }, null],
  ])("%s", (_, fields, name) => {
    expect(clientName(aBackend(fields))).toBe(name);
  });
});
