import { describe, expect, test } from "vitest";
import { aBackend, aSample, aServer, aServersWorker, backends } from "../builders.ts";
import { said, titlesAmong } from "./context.ts";

const ID = "slow-pile";
const slow = (n: number, given: Parameters<typeof aBackend>[0] = {}) =>
  backends(n, { state: "active", queryAge: 40, xactAge: 40, queryId: "-42", query: "SELECT * FROM orders", ...given });

test.each([
  [4, 0],
  [5, 1],
])("%i sessions that run the same query", (n, found) => {
  expect(titlesAmong(ID, slow(n))).toHaveLength(found);
});

test("how many, and how long", () => {
  const running = slow(6).map((b, i) => ({ ...b, queryStartSeconds: b.queryStartSeconds! + 5 * i }));
  const [found] = said(ID, aSample({ backends: running }));
  expect(found!.title).toBe("6 sessions run the same query, each for 15.0s to 40.0s, without waiting for a lock");
  expect(found!.sessions[0]!.pid).toBe(1000);
});

test("the same query is told by its id, else by its text without the values in it", () => {
  const byText = slow(5, { queryId: null }).map((b, i) => ({
    ...b,
    query: `SELECT * FROM t1 WHERE id = ${i} AND name = 'it''s ${i}'`,
  }));
  expect(titlesAmong(ID, byText)).toHaveLength(1);
  const byId = slow(5).map((b, i) => ({ ...b, query: `/* ${"abcde"[i]} */ SELECT 1` }));
  expect(titlesAmong(ID, byId)).toHaveLength(1);
  const different = slow(5, { queryId: null }).map((b, i) => ({ ...b, query: `SELECT * FROM ${"abcde"[i]}` }));
  expect(titlesAmong(ID, different)).toEqual([]);
});

test("what they wait for, and who they are", () => {
  const running = slow(6).map((b, i) => (i < 4 ? { ...b, waitEventType: "IO", waitEvent: "DataFileRead" } : b));
  const [found] = said(ID, aSample({ backends: running }));
  expect(found!.evidence).toEqual([
    "they wait for: IO:DataFileRead 4, nothing (on the CPU, or about to be) 2",
    "by application: web 6",
    "the query (query_id -42): SELECT * FROM orders",
  ]);
  expect(found!.next.flatMap(({ sql }) => sql ?? [])).toEqual([
    "SELECT calls, mean_exec_time, max_exec_time, query FROM pg_stat_statements WHERE queryid = -42;",
    "ALTER ROLE app SET statement_timeout = '30s';",
  ]);
});

describe("is silent about", () => {
  test.each([
    ["queries of less than five seconds", slow(9, { queryAge: 4.9 })],
    ["those that wait for a lock", slow(9, { waitEventType: "Lock", waitEvent: "relation" })],
    ["sessions whose query is over", slow(9, { state: "idle" })],
    ["workers of the server's own", slow(9).map(({ pid }) => aServersWorker({ pid, queryAge: 40 }))],
  ])("%s", (_, sessions) => {
    expect(titlesAmong(ID, sessions)).toEqual([]);
  });

  test("titles of processes, which all say SELECT", () => {
    const server = aServer({ lane: "host", tuning: null });
    expect(said(ID, aSample({ backends: slow(9, { queryId: null, query: "SELECT" }), server }))).toEqual([]);
  });
});
