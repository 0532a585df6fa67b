import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { HOLDER_BYS, holderGroups, membersOf, type HolderBy } from "../../src/analysis/holder-groups.ts";
import { append, emptyHistory, lastSample, type History } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { parseFilter } from "../../src/state/filter.ts";
import {
  holderFilter,
  holderRows,
  nextHolderBy,
  type HolderRow,
  type HolderSort,
} from "../../src/state/holder-rows.ts";
import { rows } from "../../src/state/rows.ts";
import { DEFAULT_SORT } from "../../src/state/view.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aServersWorker, backends } from "./builders.ts";
import { anIncident, anIncidentSeenByAnyone } from "./incident.ts";
import { aHistory, breathing, jump, leak, steady } from "./pools.ts";

function rowsOf(history: History, by: HolderBy, sort: HolderSort): readonly HolderRow[] {
  return holderRows(history, lastSample(history)!, by, sort);
}

function order(history: History, sort: HolderSort, by: HolderBy = ["application"]): unknown[] {
  return rowsOf(history, by, sort).map(({ group }) => group.names[0]);
}

function once(sample: Sample): History {
  return append(emptyHistory(), sample);
}

describe("sorted by growth", () => {
  const pools = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`pool-${i}`, breathing(62 + 5 * i, 3, i + 1)] as const),
  );

  test.each([180, 240, 300, 600, 900])("the one that leaks 2 a minute is first among 500 after %i s", (seconds) => {
    const history = aHistory({ seconds, pools: { ...pools, leaky: leak(40, 2) } });
    expect(lastSample(history)!.backends.length).toBeGreaterThan(500);
    expect(order(history, "growth")[0]).toBe("leaky");
    expect(order(history, "count")[0]).toBe("pool-6");
  });

  test("a fresh storm is before a slow leak, and a leak that will be more than that before the storm", () => {
    const storm = { storm: jump(10, 40, 290) };
    expect(order(aHistory({ seconds: 300, pools: { ...storm, leaky: leak(10, 2) } }), "growth")[0]).toBe("storm");
    expect(order(aHistory({ seconds: 300, pools: { ...storm, leaky: leak(10, 12) } }), "growth")[0]).toBe("leaky");
  });

  test("what has become smaller is last, but before what is not known", () => {
    const history = aHistory({ seconds: 70, pools: { a: steady(9), b: jump(8, 3, 30), c: jump(2, 4, 30) } });
    expect(order(history, "growth")).toEqual(["c", "a", "b"]);
    expect(order(aHistory({ seconds: 10, pools: { a: steady(9), b: steady(8) } }), "growth")).toEqual(["a", "b"]);
  });
});

describe("sorted by", () => {
  const sample = aSample({
    backends: [
      ...backends(3, { application: "b", stateAge: 5 }),
      ...backends(2, { application: "c", stateAge: 7000 }),
      ...backends(2, { application: "a", stateAge: 60, query: "", queryAge: null }),
      aBackend({ application: null, state: "active" }),
    ],
  });
  test.each<[HolderSort, unknown[]]>([
    ["count", ["b", "a", "c", null]],
    ["idle", ["c", "a", "b", null]],
    ["never used", ["a", "b", "c", null]],
    ["name", ["a", "b", "c", null]],
    ["new", ["b", "a", "c", null]],
  ])("%s", (sort, expected) => {
    expect(order(once(sample), sort)).toEqual(expected);
  });
});

test("shares are of what ordinary roles can use, and limits are those of the group", () => {
  const server = aServer({
    limits: [
      { kind: "role", name: "report", limit: 10 },
      { kind: "database", name: "report", limit: 50 },
    ],
  });
  const sample = aSample({ server, backends: backends(47, { user: "report", database: "report" }) });
  const one = (by: HolderBy): HolderRow => rowsOf(once(sample), by, "count")[0]!;
  expect(one(["application"])).toMatchObject({ share: 0.5, limits: [] });
  expect(one(["role"]).limits).toMatchObject([{ kind: "role", limit: 10, used: { low: 47, high: 47 } }]);
  expect(one(["database"]).limits).toMatchObject([{ kind: "database", limit: 50 }]);
  expect(one(["role", "database"]).limits).toMatchObject([{ kind: "role" }, { kind: "database" }]);
});

test("a row has the same key in every sample, and another one in every group", () => {
  const keys = (secondsLater: number): string[] =>
    rowsOf(once(anIncident(secondsLater)), ["application", "client"], "name").map(({ key }) => key);
  expect(keys(3)).toEqual(keys(2));
  expect(new Set(keys(3)).size).toBe(keys(3).length);
});

test("one grouping comes after the other, and the first one after the last", () => {
  const seen = [HOLDER_BYS[0]!];
  while (seen.length <= HOLDER_BYS.length) seen.push(nextHolderBy(seen.at(-1)!));
  expect(seen).toEqual([...HOLDER_BYS, HOLDER_BYS[0]]);
});

describe("the filter of a group", () => {
  function listed(sample: Sample, text: string): Backend[] {
    const filter = parseFilter(text);
    if (filter.kind === "wrong") throw new Error(filter.reason);
    return rows(sample, null, DEFAULT_SORT, filter, true, null)
      .all.filter(({ worker }) => !worker)
      .map(({ backend }) => backend);
  }

  function expectExact(sample: Sample): void {
    for (const by of HOLDER_BYS)
      for (const group of holderGroups(sample, by)) {
        const text = holderFilter({ group });
        expect(new Set(listed(sample, text)), text).toEqual(new Set(membersOf(sample, group)));
      }
  }

  test.each([
    [["application"], "web", "app:=web type:holder"],
    [["application"], "", "app:= type:holder"],
    [["application"], null, "app: !app:= type:holder"],
    [["application"], 'my "app"', 'app:="my ""app""" type:holder'],
  ] as const)("%j: of %j is %s", (by, application, text) => {
    const [group] = holderGroups(aSample({ backends: [aBackend({ application })] }), by);
    expect(holderFilter({ group: group! })).toBe(text);
  });

  test("of two groupings asks for both", () => {
    const sample = aSample({ backends: [aBackend({ clientAddress: null, clientPort: -1 })] });
    const [group] = holderGroups(sample, ["application", "client"]);
    expect(holderFilter({ group: group! })).toBe("app:=web client:=local type:holder");
  });

  test("lists its sessions and nobody else's in the incident", () => {
    expectExact(anIncident(3));
    expectExact(anIncidentSeenByAnyone());
  });

  const odd = fc.constantFrom(
    ...["web", "WEB", "web-7", "we", "", " ", "  ", "=", "=web", '"', '""', '"web"', 'a"b c', "!web", ".*", "^web$"],
    ...["(", "web\\", "a\nb", "a b", "a\tb", "caf\u00e9", "cafe\u0301", "\u001b[2J", "·[2J", "hidden", "local", ">5m"],
    ...["app:web", "type:holder", "<insufficient privilege>", "·", "\u00a0", "\u2028", "漢字", "a,b", "null"],
  );
  const name = fc.option(fc.oneof(odd, odd, fc.string({ unit: "grapheme", maxLength: 8 })), { nil: null });
  const session = fc.record({
    user: name,
    database: name,
    application: name,
    clientAddress: fc.constantFrom(null, "10.0.0.1", "10.0.0.11", "::1"),
    clientPort: fc.constantFrom(null, -1, 5000),
    state: fc.constantFrom(null, "idle", "idle in transaction", "idle in transaction (aborted)", "active", "pondering"),
    queryId: fc.constantFrom(null, null, "4711", "-47"),
    query: fc.oneof(odd, fc.constantFrom("4711", "SELECT 1", "SELECT 1\n-- web", " SELECT 1", "select 1")),
    backendType: fc.constantFrom("client backend", "client backend", null, "walsender", "autovacuum worker"),
  });

  test("lists its sessions and nobody else's, whatever they are called", () => {
    fc.assert(
      fc.property(fc.array(session, { minLength: 1, maxLength: 12 }), (given) => {
        const all = given.map((fields, i) => {
          const pid = 100 + i;
          if (fields.backendType === null) {
            const { user, database, application } = fields;
            return aHiddenBackend({ pid, user, database, application });
          }
          return fields.backendType === "autovacuum worker"
            ? aServersWorker({ pid, database: fields.database, query: fields.query })
            : aBackend({ ...fields, pid });
        });
        expectExact(aSample({ backends: all }));
      }),
      { numRuns: 300 },
    );
  });
});
