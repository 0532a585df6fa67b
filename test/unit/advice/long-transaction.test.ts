import { describe, expect, test } from "vitest";
import { aBackend, aSample, aServersWorker, aWaiter, backends } from "../builders.ts";
import { said, titlesAmong } from "./context.ts";
import { pileUp } from "./scenarios.ts";

const ID = "long-transaction";
const long = (given: Parameters<typeof aBackend>[0] = {}) =>
  aBackend({
    pid: 1,
    application: "loader",
    state: "active",
    xactAge: 400,
    queryAge: 5,
    backendXmin: 48_000_000,
    ...given,
  });

test.each([
  [299, 0],
  [300, 1],
])("a transaction at work for %i s", (xactAge, found) => {
  expect(titlesAmong(ID, [long({ xactAge })])).toHaveLength(found);
});

test("it says how long it runs, and what it keeps VACUUM from", () => {
  const [found] = said(
    ID,
    aSample({ backends: [long({ waitEventType: "IO", waitEvent: "DataFileRead", query: "SELECT 2" })] }),
  );
  expect(found!.title).toBe("the transaction of 1 (loader) has been running for 6m40, 2.0M transactions behind");
  expect(found!.evidence).toEqual([
    "1 (loader), 6m40, waits for IO:DataFileRead: SELECT 2",
    "dead rows of the last 2.0M transactions are kept: nothing holds VACUUM back further",
  ]);
  expect(found!.next[1]!.sql).toMatch(/^SELECT pg_cancel_backend\(pid\) /);
});

test("several are one finding, the oldest first", () => {
  const [found] = said(ID, aSample({ backends: [long(), long({ pid: 2, xactAge: 900 })] }));
  expect(found!.title).toBe(
    "2 transactions have been running for more than 5 min, the oldest, of 2 (loader), for 15m00, 2.0M transactions behind",
  );
  expect(found!.sessions.map(({ pid }) => pid)).toEqual([2, 1]);
});

test("a transaction of many short statements is one too, though it is idle between them", () => {
  expect(titlesAmong(ID, [long({ state: "idle in transaction", stateAge: 0.2 })])).toHaveLength(1);
  expect(titlesAmong(ID, [long({ state: "idle in transaction", stateAge: 0.2, backendXmin: null })])).toEqual([]);
});

test("a dump is let to its end", () => {
  const [found] = said(ID, aSample({ backends: [long({ application: "pg_dump" })] }));
  expect(found!.avoid).toEqual(["do not end a dump that is wanted: it has to begin anew"]);
});

test("a VACUUM that somebody runs holds no other one back", () => {
  const [found] = said(ID, aSample({ backends: [long({ query: "vacuum (verbose) events" })] }));
  expect(found!.title).toBe("the transaction of 1 (loader) has been running for 6m40");
});

describe("is silent about", () => {
  test.each([
    ["one that waits for a lock: its blocker is the trouble", [aWaiter(1, [2], { xactAge: 900 })]],
    ["autovacuum", [aServersWorker({ pid: 1, xactAge: 9000 })]],
    ["a walsender", [long({ backendType: "walsender" })]],
    ["our own session", [long({ pid: 99 })]],
    ["a transaction that rests: that is told as such", [long({ state: "idle in transaction", stateAge: 60 })]],
    ["the root of a pile", pileUp(5, { state: "active", xactAge: 900 })],
    ["sessions that all run the same query", backends(5, { state: "active", xactAge: 900, queryAge: 900 })],
  ])("%s", (_, sessions) => {
    expect(titlesAmong(ID, sessions)).toEqual([]);
  });
});
