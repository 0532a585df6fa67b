import { describe, expect, test } from "vitest";
import { aBackend, aHiddenBackend, aSample, aServer, aWaiter } from "../builders.ts";
import { said, titlesAmong } from "./context.ts";
import { pileUp } from "./scenarios.ts";

const ID = "idle-in-transaction";
const left = (pid: number, given: Parameters<typeof aBackend>[0] = {}) =>
  aBackend({ pid, state: "idle in transaction", xactAge: 130, queryAge: 125, stateAge: 125, ...given });

describe("told by what it holds (as measured: facts of PostgreSQL, not of its state)", () => {
  test.each([
    ["an xid", { backendXid: 49_000_000 }, "it has a transaction id and holds back VACUUM"],
    ["a snapshot", { backendXmin: 49_000_000 }, "it holds a snapshot, which holds back VACUUM"],
  ])("%s", (_, given, words) => {
    expect(titlesAmong(ID, [left(1, given)])).toEqual([`1 (web) has been idle in transaction for 2m05: ${words}`]);
  });

  test("neither: a reader at READ COMMITTED pins nothing, and is left alone", () => {
    expect(titlesAmong(ID, [left(1)])).toEqual([]);
  });

  test("unless somebody waits for its locks", () => {
    expect(titlesAmong(ID, [left(1), aWaiter(2, [1])])).toEqual([
      "1 (web) has been idle in transaction for 2m05, 1 session behind it: it holds locks, and does not hold back VACUUM",
    ]);
  });
});

describe("is silent about", () => {
  test.each([
    ["one that rests for less than a minute", left(1, { backendXid: 1, stateAge: 59 })],
    ["one that is at work", left(1, { backendXid: 1, state: "active" })],
    [
      "one that has failed, and holds nothing but its slot",
      left(1, { state: "idle in transaction (aborted)", xactStartSeconds: null }),
    ],
    ["an idle session", left(1, { backendXid: 1, state: "idle" })],
    ["our own", left(99, { backendXid: 1 })],
    ["a hidden one", aHiddenBackend({ pid: 1, backendXid: 1 })],
  ])("%s", (_, backend) => {
    expect(titlesAmong(ID, [backend])).toEqual([]);
  });

  test("but not about one that has failed behind a savepoint: what it wrote before that is kept", () => {
    const backend = left(1, { backendXid: 1, state: "idle in transaction (aborted)" });
    expect(titlesAmong(ID, [backend])).toHaveLength(1);
  });

  test("one at whose head a pile stands: that is told there", () => {
    expect(titlesAmong(ID, pileUp(5))).toEqual([]);
    expect(titlesAmong(ID, pileUp(4))).toHaveLength(1);
  });

  test("what titles of processes do not tell", () => {
    const server = aServer({ lane: "host", tuning: null });
    const backends = [left(1, { xactAge: null })];
    expect(said(ID, aSample({ backends, server, nextXid: null }))).toEqual([]);
  });
});

test("at a minute it is old enough", () => {
  expect(titlesAmong(ID, [left(1, { backendXid: 1, stateAge: 60 })])).toHaveLength(1);
});

test("several of one application are one finding, those with somebody behind them first", () => {
  const backends = [
    left(1, { backendXid: 49_000_000, stateAge: 500 }),
    left(2, { backendXmin: 48_000_000, stateAge: 900 }),
    left(3, { stateAge: 70 }),
    aWaiter(4, [3]),
    left(5, { stateAge: 4000 }),
  ];
  const [found, ...others] = said(ID, aSample({ backends }));
  expect(others).toEqual([]);
  expect(found!.title).toBe(
    "3 sessions of web are idle in transaction, one of them for 15m00: 2 of them hold back VACUUM",
  );
  expect(found!.evidence.slice(0, 3)).toEqual([
    "1 with a transaction id (it has written, or locked rows), 1 with a snapshot alone (repeatable read, or an open cursor), 1 with locks alone, which pins nothing",
    "dead rows of the last 2.0M transactions are kept: nothing holds VACUUM back further",
    "1 session waits for their locks",
  ]);
  expect(found!.sessions.map(({ pid }) => pid)).toEqual([3, 2, 1]);
});

test("each application has its own, with the time-out for its own role", () => {
  const backends = [
    left(1, { backendXid: 1, application: "web" }),
    left(2, { backendXid: 1, application: "api", user: "Api" }),
  ];
  const found = said(ID, aSample({ backends }));
  expect(found.map(({ about }) => about)).toEqual(["web", "api"]);
  expect(found[1]!.next.at(-1)!.sql).toBe(`ALTER ROLE "Api" SET idle_in_transaction_session_timeout = '5min';`);
});

test("where every application does it, one finding is enough", () => {
  const backends = Array.from({ length: 6 }, (_, i) => left(i + 1, { backendXid: 1, application: `web-${i}` }));
  const [found, ...others] = said(ID, aSample({ backends }));
  expect(others).toEqual([]);
  expect(found!.title).toMatch(/^6 sessions are idle in transaction/);
});

test("somebody else may hold VACUUM back further", () => {
  const older = aBackend({ pid: 7, state: "active", backendXmin: 30_000_000 });
  const [found] = said(ID, aSample({ backends: [left(1, { backendXid: 49_000_000 }), older] }));
  expect(found!.evidence).toContain("dead rows of the last 1.0M transactions are kept");
});

test("on a standby rows are kept for it on the primary, and by its feedback alone", () => {
  const server = aServer({ role: "standby" });
  const idle = aBackend({ pid: 1, state: "idle in transaction", stateAge: 125, backendXmin: 49_990_000 });
  const [found] = said(ID, aSample({ backends: [idle], server, holdouts: { prepared: [], slots: [] } }));
  expect(found!.evidence.join("\n")).toMatch(
    /on the primary, dead rows .* are kept if hot_standby_feedback is on here/,
  );
});
