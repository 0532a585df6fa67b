import { expect, test } from "vitest";
import type { ConnectionLimit } from "../../../src/model/server.ts";
import { aBackend, aHiddenBackend, aSample, aServer, backends } from "../builders.ts";
import { said, titles } from "./context.ts";

const ID = "connection-limit";
const report = (limit: number): ConnectionLimit => ({ kind: "role", name: "report", limit });
const sample = (used: number, ...limits: ConnectionLimit[]) =>
  aSample({ backends: backends(used, { user: "report" }), server: aServer({ limits }) });

test.each([
  [7, 10, null],
  [8, 10, "warning"],
  [9, 10, "warning"],
  [10, 10, "critical"],
  [12, 10, "critical"],
  // One that may be there once or twice is meant to be.
  [1, 1, "warning"],
  [2, 2, "warning"],
  [0, 0, null],
  [1, 0, null],
])("%i sessions of a role with a limit of %i: %s", (used, limit, severity) => {
  expect(said(ID, sample(used, report(limit)))[0]?.severity ?? null).toBe(severity);
});

test("it says whose limit, and that the next connection is refused once it is reached", () => {
  expect(titles(ID, sample(9, report(10)))).toEqual(["role report has 9 of its 10 connections"]);
  expect(titles(ID, sample(10, report(10)))).toEqual([
    "role report has 10 of its 10 connections: its next one is refused",
  ]);
});

test("a database has limits too, and the fuller one comes first", () => {
  const [first, second] = said(ID, sample(10, { kind: "database", name: "shop", limit: 12 }, report(10)));
  expect([first?.about, second?.about]).toEqual(["role:report", "database:shop"]);
});

test("more is offered as far as the server has it, with the name as SQL wants it", () => {
  const odd = { kind: "role", name: "Report Eins", limit: 10 } as const;
  const given = aSample({ backends: backends(10, { user: "Report Eins" }), server: aServer({ limits: [odd] }) });
  expect(said(ID, given)[0]!.next.flatMap(({ sql }) => sql ?? [])).toEqual([
    'ALTER ROLE "Report Eins" CONNECTION LIMIT 15;',
  ]);
  const full = aSample({
    backends: [...backends(90), ...backends(4, { user: "report" })],
    server: aServer({ limits: [report(4)] }),
  });
  expect(said(ID, full)[0]!.next.flatMap(({ sql }) => sql ?? [])).toEqual([]);
});

test("idle sessions are the culprits, the longest idle first", () => {
  const busy = aBackend({ pid: 1, user: "report", state: "active", stateAge: 9000 });
  const idle = [10, 500, 60].map((stateAge, i) => aBackend({ pid: 2 + i, user: "report", stateAge }));
  const [found] = said(ID, aSample({ backends: [busy, ...idle], server: aServer({ limits: [report(4)] }) }));
  expect(found!.sessions.map(({ pid }) => pid)).toEqual([3, 4, 2]);
});

test("hidden sessions of the role may have to be added", () => {
  const rows = [...backends(9, { user: "report" }), aHiddenBackend({ pid: 1, user: "report" })];
  const [found] = said(ID, aSample({ backends: rows, server: aServer({ limits: [report(10)] }) }));
  expect(found).toMatchObject({ severity: "warning", title: "role report has at least 9 of its 10 connections" });
});
