import { describe, expect, test } from "vitest";
import type { Setting } from "../../../src/model/tuning.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aServersWorker, aSetting, aTuning } from "../builders.ts";
import { statementsOf } from "../../../src/advice/rule.ts";
import { RELOAD } from "../../../src/text/statements.ts";
import { said } from "./context.ts";
import { aPrepared } from "./scenarios.ts";

const ID = "autovacuum-saturated";

/** So many workers, of which the youngest began so many seconds ago. */
function workers(n: number, youngest: number, given: Parameters<typeof aServersWorker>[0] = {}) {
  return Array.from({ length: n }, (_, i) =>
    aServersWorker({ pid: 600 + i, connectedAge: youngest + i, queryAge: youngest + i, ...given }),
  );
}

const server = (major = 18, settings: readonly Setting[] = [], autovacuumMaxWorkers = 3) =>
  aServer({ major, tuning: aTuning({ settings, autovacuumMaxWorkers }) });

describe("all workers at work", () => {
  test.each([
    ["three of three, for five minutes", 3, 300, 1],
    ["not for so long", 3, 299, 0],
    ["two of three", 2, 9000, 0],
  ])("%s", (_, n, youngest, found) => {
    expect(said(ID, aSample({ backends: workers(n, youngest) }))).toHaveLength(found);
  });

  test("others and others again, as history has seen them", () => {
    const at = (secondsLater: number, n = 3) =>
      aSample({ secondsLater, backends: workers(n, 10 - secondsLater, { pid: 600 + secondsLater }) });
    const long = [0, 100, 200, 300].map((seconds) =>
      aSample({ secondsLater: seconds, backends: workers(3, -seconds) }),
    );
    expect(said(ID, long)[0]!.title).toBe(
      "all 3 autovacuum workers have been at work for 5m00: other tables wait for VACUUM",
    );
    expect(said(ID, [at(0), at(100), at(200, 2), at(300)])).toEqual([]);
  });

  test("from 18 on, there may be room for fewer than are allowed", () => {
    const few = server(18, [aSetting("autovacuum_worker_slots", "2", { context: "postmaster" })], 5);
    expect(said(ID, aSample({ backends: workers(2, 400), server: few }))).toHaveLength(1);
  });

  test("silent where they are not seen", () => {
    const hidden = Array.from({ length: 3 }, (_, i) => aHiddenBackend({ pid: i, user: null }));
    expect(said(ID, aSample({ backends: hidden, server: aServer({ seeAll: false }) }))).toEqual([]);
    expect(said(ID, aSample({ backends: workers(3, 400), server: aServer({ lane: "host", tuning: null }) }))).toEqual(
      [],
    );
  });
});

test("what they do and since when, the longest first, and what they are allowed", () => {
  const busy = [
    aServersWorker({ pid: 1, connectedAge: 500, queryAge: 380, waitEventType: "Timeout", waitEvent: "VacuumDelay" }),
    aServersWorker({
      pid: 2,
      connectedAge: 9000,
      queryAge: 7860,
      query: "autovacuum: VACUUM ANALYZE public.orders (to prevent wraparound)",
    }),
    aServersWorker({ pid: 3, connectedAge: 400, queryAge: 390, query: "" }),
  ];
  const [finding] = said(ID, aSample({ backends: busy }));
  expect(finding!.evidence).toEqual([
    "2: VACUUM ANALYZE public.orders in shop for 2h11, to prevent wraparound",
    "3: a table that is not told in shop for 6m30",
    "1: VACUUM public.events in shop for 6m20",
    "a cost limit of 200 for all of them together, then a pause of 2ms; 1 of them is pausing now",
    "nothing is seen that would make them work in vain",
  ]);
  expect(finding!.sessions.map(({ pid }) => pid)).toEqual([2, 3, 1]);
});

describe("what makes them work in vain comes first:", () => {
  const found = (given: Parameters<typeof aSample>[0], more: Parameters<typeof workers>[2] = {}) =>
    said(ID, aSample({ ...given, backends: [...workers(3, 400, more), ...(given?.backends ?? [])] }))[0]!;

  test("a transaction that has been open for longer than a minute", () => {
    const root = aBackend({
      pid: 7,
      application: "etl",
      state: "idle in transaction",
      xactAge: 900,
      backendXid: 49_000_000,
    });
    const finding = found({ backends: [root] });
    expect(finding.evidence.at(-1)).toBe(
      "they work in vain on rows that somebody may still see: 7 (etl), idle in transaction, 1.0M transactions old",
    );
    expect(finding.next[0]!.sql).toMatch(/^SELECT pg_terminate_backend/);
  });

  test("a prepared transaction", () => {
    expect(found({ holdouts: { prepared: [aPrepared(4000)], slots: [] } }).next[0]!.sql).toMatch(/^ROLLBACK PREPARED/);
  });

  test("their own snapshots are none of it", () => {
    const finding = found({}, { query: "autovacuum: VACUUM ANALYZE public.t", backendXmin: 40_000_000, xactAge: 4000 });
    expect(finding.evidence.at(-1)).toBe("nothing is seen that would make them work in vain");
  });
});

describe("what to do", () => {
  const steps = (major: number, settings: readonly Setting[]) =>
    said(ID, aSample({ backends: workers(3, 400), server: server(major, settings) }))[0]!.next.flatMap((step) =>
      statementsOf(step),
    );
  const delay = (value: string) => aSetting("autovacuum_vacuum_cost_delay", value, { unit: "ms" });
  const limit = (value: string) => aSetting("autovacuum_vacuum_cost_limit", value);
  const room = (value: string) => aSetting("autovacuum_worker_slots", value, { context: "postmaster" });

  test.each<[string, number, Setting[], string, string]>([
    [
      "up to 11 they rest for long",
      10,
      [delay("20"), limit("-1")],
      "ALTER SYSTEM SET autovacuum_vacuum_cost_delay = '2ms';",
      "ALTER SYSTEM SET autovacuum_max_workers = '5';",
    ],
    [
      "with the limit of vacuum_cost_limit, more than that",
      17,
      [delay("2"), limit("-1")],
      "ALTER SYSTEM SET autovacuum_vacuum_cost_limit = '1000';",
      "ALTER SYSTEM SET autovacuum_max_workers = '5';",
    ],
    [
      "no more than there is",
      18,
      [delay("2"), limit("4000"), room("16")],
      "ALTER SYSTEM SET autovacuum_vacuum_cost_limit = '10000';",
      "ALTER SYSTEM SET autovacuum_max_workers = '5';",
    ],
    [
      "without room for more",
      18,
      [delay("2"), limit("400"), room("4")],
      "ALTER SYSTEM SET autovacuum_vacuum_cost_limit = '2000';",
      "ALTER SYSTEM SET autovacuum_max_workers = '5';",
    ],
  ])("%s", (_, major, settings, first, second) => {
    expect(steps(major, settings).slice(0, 3)).toEqual([first, RELOAD, second]);
  });

  test("room for more of them needs a restart", () => {
    expect(steps(18, [delay("0"), limit("400"), room("4")]).slice(0, 3)).toEqual([
      "ALTER SYSTEM SET autovacuum_max_workers = '5';",
      RELOAD,
      "ALTER SYSTEM SET autovacuum_worker_slots = '5';",
    ]);
    expect(steps(18, [delay("0"), limit("400"), room("5")]).slice(0, 3)).not.toContain(
      "ALTER SYSTEM SET autovacuum_worker_slots = '5';",
    );
  });

  test("no more where nothing holds them up", () => {
    expect(steps(17, [delay("0"), limit("-1")])[0]).toBe("ALTER SYSTEM SET autovacuum_max_workers = '5';");
  });
});
