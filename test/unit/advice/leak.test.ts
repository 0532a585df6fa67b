import { describe, expect, test } from "vitest";
import { aBackend, aHiddenBackend, aSample, aServer, backends } from "../builders.ts";
import type { Backend } from "../../../src/model/backend.ts";
import { said, titles, titlesAmong } from "./context.ts";
import { leaked, restingPool } from "./scenarios.ts";

const ID = "leak";

describe("in the first sample", () => {
  test("sessions that were opened one by one, and each used once, are a leak: how many, how fast, since when", () => {
    expect(titlesAmong(ID, leaked(41, 18))).toEqual([
      "leaky leaks sessions: 41 opened one by one in 12m00 and left idle, 3.3 a minute",
    ]);
  });

  test("the oldest are the culprits", () => {
    const [found] = said(ID, aSample({ backends: leaked(20, 10) }));
    expect(found!.sessions.map(({ pid }) => pid)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => 5000 + i));
  });

  test("also those that never ran a query", () => {
    const never = leaked(20, 10, { queryStartSeconds: null, query: "" });
    const [found] = said(ID, aSample({ backends: never }));
    expect(found!.evidence[0]).toBe("20 never used, the others once; none of its sessions used again");
  });

  test("and a few that are in use beside them", () => {
    const [found] = said(
      ID,
      aSample({ backends: [...leaked(20, 10), ...backends(3, { application: "leaky", clientAddress: "10.0.5.23" })] }),
    );
    expect(found!.evidence[0]).toBe("each used once, right after it was opened; 3 of its sessions used again");
  });

  test("each of several instances leaks on its own, and they are one leak", () => {
    const there = leaked(10, 20).map((b, i) => ({ ...b, pid: 6000 + i, clientAddress: "10.0.5.24" }));
    const [found, ...others] = said(ID, aSample({ backends: [...leaked(10, 20), ...there] }));
    expect(others).toEqual([]);
    expect(found!.title).toMatch(/^leaky leaks sessions: 20 opened one by one/);
    expect(found!.evidence[2]).toBe("role app from 10.0.5.23 and 10.0.5.24");
  });

  test("instances of which each leaks little are seen together", () => {
    const fleet = leaked(30, 10).map((b, i) => ({ ...b, clientAddress: `10.0.5.${i % 10}` }));
    expect(titlesAmong(ID, fleet)).toHaveLength(1);
  });
});

describe("is no leak what", () => {
  const pool = (given: Parameters<typeof aBackend>[0]) => leaked(20, 10, given);

  test.each<[string, readonly Backend[]]>([
    ["is few", leaked(7, 10)],
    ["was opened within less than 20 s", leaked(20, 0.9)],
    ["was opened at once", restingPool("10.0.3.11", 30)],
    [
      "was opened in two bursts",
      leaked(20, 0.1).map((b, i) =>
        i < 10
          ? { ...b, backendStartSeconds: b.backendStartSeconds! - 300, stateChangeSeconds: b.stateChangeSeconds! - 300 }
          : b,
      ),
    ],
    ["is used again", pool({ stateAge: 0.5, queryAge: 0.6 })],
    ["is at work", pool({ state: "active" })],
    [
      "ends with a different query each",
      leaked(20, 10).map((b, i) => ({ ...b, query: `SELECT ${"abcdefghijklmnopqrst"[i]}` })),
    ],
    [
      "has stopped long ago",
      leaked(20, 10).map((b) => ({
        ...b,
        backendStartSeconds: b.backendStartSeconds! - 900,
        stateChangeSeconds: b.stateChangeSeconds! - 900,
      })),
    ],
    ["comes so slowly that a pool may renew its sessions like this", leaked(10, 180)],
    ["is hidden", leaked(20, 10).map(({ pid }) => aHiddenBackend({ pid }))],
  ])("%s", (_, sessions) => {
    expect(titlesAmong(ID, sessions)).toEqual([]);
  });

  test("processes show without SQL: their titles do not tell when they were used", () => {
    const server = aServer({ lane: "host", tuning: null });
    expect(said(ID, aSample({ backends: leaked(40, 10), server }))).toEqual([]);
  });
});

describe("with a history", () => {
  /** As leaked() has it, some minutes later, with as many more. */
  const later = (n: number, more: number, everySeconds: number) => {
    const then = aSample({ backends: leaked(n, everySeconds) });
    const seconds = more * everySeconds;
    const shifted = leaked(n + more, everySeconds).map((b) => ({
      ...b,
      backendStartSeconds: b.backendStartSeconds! + seconds,
      queryStartSeconds: b.queryStartSeconds! + seconds,
      stateChangeSeconds: b.stateChangeSeconds! + seconds,
    }));
    return [then, aSample({ backends: shifted, secondsLater: seconds })];
  };

  test("it says how many more there are", () => {
    const [found] = said(ID, later(20, 4, 10));
    expect(found!.evidence).toContain("4 more of them than 40 s ago");
  });

  test("a slow one that grows is a leak", () => {
    expect(titles(ID, later(10, 3, 90))).toEqual([
      "leaky leaks sessions: 13 opened one by one in 18m00 and left idle, 40.0 an hour",
    ]);
  });

  test("what does not grow, though sessions are opened as before, is a pool that renews them", () => {
    const [, now] = later(20, 6, 15) as [unknown, ReturnType<typeof aSample>];
    const then = aSample({ backends: leaked(26, 15) });
    expect(said(ID, [then, now])).toEqual([]);
  });
});

describe("at a wall", () => {
  test("a leak that has taken all slots goes no further, and is one", () => {
    const stopped = leaked(94, 40).map((b) => ({
      ...b,
      backendStartSeconds: b.backendStartSeconds! - 900,
      stateChangeSeconds: b.stateChangeSeconds! - 900,
    }));
    const [found] = said(ID, aSample({ backends: stopped }));
    expect(found).toMatchObject({ severity: "critical" });
  });

  test("so does one whose role has a limit, which need not be set once more", () => {
    const stopped = leaked(20, 10).map((b) => ({
      ...b,
      backendStartSeconds: b.backendStartSeconds! - 900,
      stateChangeSeconds: b.stateChangeSeconds! - 900,
    }));
    const server = aServer({ limits: [{ kind: "role", name: "app", limit: 20 }] });
    const [found] = said(ID, aSample({ backends: stopped, server }));
    expect(found!.next.flatMap(({ sql }) => sql ?? [])).toEqual(["ALTER ROLE app SET idle_session_timeout = '15min';"]);
  });
});

test("idle_session_timeout is for 14 and later, and a limit for roles that heed one", () => {
  const sql = (server: ReturnType<typeof aServer>) =>
    said(ID, aSample({ backends: leaked(20, 10), server }))[0]!.next.flatMap((step) => step.sql ?? []);
  expect(sql(aServer({ major: 13 }))).toEqual(["ALTER ROLE app CONNECTION LIMIT 20;"]);
  expect(sql(aServer({ superusers: ["app"], major: 13 }))).toEqual([]);
});

test("the limit that is advised leaves room for whatever else connects as its role", () => {
  const others = backends(20, { pid: 900, application: "shop", clientAddress: "10.0.0.8" });
  const hidden = aHiddenBackend({ pid: 990, user: "app" });
  const [found] = said(ID, aSample({ backends: [...leaked(20, 10), ...others, hidden] }));
  expect(found!.next.map(({ sql }) => sql)).toContain("ALTER ROLE app CONNECTION LIMIT 41;");
});
