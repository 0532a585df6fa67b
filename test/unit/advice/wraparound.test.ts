import { describe, expect, test } from "vitest";
import type { DatabaseAge } from "../../../src/model/horizon.ts";
import { aBackend, aSample, aServer, aServersWorker, aTuning } from "../builders.ts";
import { said } from "./context.ts";
import { aPrepared, aSlot } from "./scenarios.ts";

const ID = "wraparound";
const shop = (given: Partial<DatabaseAge> = {}): DatabaseAge => ({ name: "shop", xids: 1e6, multixacts: 0, ...given });
const sample = (ages: readonly DatabaseAge[], given: Parameters<typeof aSample>[0] = {}) =>
  aSample({ server: aServer({ databaseAges: ages }), nextXid: 2 ** 31, ...given });

test.each([
  [299_999_999, null],
  [300_000_000, "warning"],
  [1_199_999_999, "warning"],
  [1_200_000_000, "critical"],
])("at an age of %i: %s", (xids, severity) => {
  expect(said(ID, sample([shop({ xids })]))[0]?.severity ?? null).toBe(severity);
});

test("how much is left", () => {
  expect(said(ID, sample([shop({ xids: 1.3e9 })]))[0]!.title).toBe(
    "database shop is 1.3G transaction ids old, 844M before the server stops writing",
  );
});

test("multixacts wrap around as well", () => {
  const [found] = said(ID, sample([shop({ multixacts: 7e8 })]));
  expect(found!.title).toMatch(/^database shop is 700M multixacts old/);
  expect(found!.evidence[0]).toBe("autovacuum should have frozen it at 400M (autovacuum_multixact_freeze_max_age)");
});

test("limits of the server's own count", () => {
  const server = aServer({ databaseAges: [shop({ xids: 4e8 })], tuning: aTuning({ autovacuumFreezeMaxAge: 1e9 }) });
  expect(said(ID, aSample({ server }))).toEqual([]);
});

test("the oldest database is the one to see to, the others are named", () => {
  const [found, ...others] = said(ID, sample([shop({ xids: 4e8 }), shop({ name: "dwh", xids: 9e8 })]));
  expect(others).toEqual([]);
  expect(found!.about).toBe("dwh");
  expect(found!.evidence).toContain("as old: shop 400M");
});

describe("what holds it back", () => {
  const old = 2 ** 31 - 5e8;
  const evidence = (given: Parameters<typeof aSample>[0]) => said(ID, sample([shop({ xids: 6e8 })], given))[0]!;

  test("a transaction in that database, which is to be ended first", () => {
    const root = aBackend({ pid: 5, state: "idle in transaction", backendXmin: old });
    const found = evidence({ backends: [root] });
    expect(found.evidence[1]).toBe("held back by 5 (web), idle in transaction, 500M transactions old");
    expect(found.next[0]!.sql).toMatch(/^SELECT pg_terminate_backend\(pid\) .* pid = 5 /);
    expect(found.sessions).toEqual([root]);
  });

  test("a slot, whatever the database", () => {
    const found = evidence({ holdouts: { prepared: [], slots: [aSlot({ xmin: old })] } });
    expect(found.next[0]!.sql).toBe("SELECT pg_drop_replication_slot('debezium');");
  });

  test("a prepared transaction of it", () => {
    const found = evidence({ holdouts: { prepared: [{ ...aPrepared(9e5), xid: old }], slots: [] } });
    expect(found.next[0]!.sql).toBe("ROLLBACK PREPARED 'sepa-batch-0815';");
  });

  test("a transaction in another database, which the shared catalogs are kept for", () => {
    const found = evidence({ backends: [aBackend({ pid: 5, database: "dwh", backendXmin: old })] });
    expect(found.evidence[1]).toBe("held back by 5 (web), idle, 500M transactions old");
  });

  test("a slot that keeps catalogs alone: these are tables of the database as well", () => {
    const found = evidence({ holdouts: { prepared: [], slots: [aSlot({ catalogXmin: old })] } });
    expect(found.evidence[1]).toBe("held back by replication slot debezium, 500M transactions old");
  });

  test("not a query on a standby, which sees nothing of the primary's sessions", () => {
    const server = aServer({ role: "standby", databaseAges: [shop({ xids: 6e8 })] });
    const found = evidence({ backends: [aBackend({ pid: 5, backendXmin: old })], server });
    expect(found.evidence[1]).toBe("what holds it back is to be seen on the primary");
  });

  test("not one that is far younger", () => {
    const found = evidence({ backends: [aBackend({ pid: 5, backendXmin: 2 ** 31 - 1000 })] });
    expect(found.evidence[1]).toMatch(/^no session, prepared transaction or slot is seen/);
  });

  test("of multixacts, no view tells what holds them back", () => {
    const [found] = said(ID, sample([shop({ multixacts: 7e8 })]));
    expect(found!.evidence[1]).toMatch(/which of them, no view tells$/);
    expect(found!.next[0]!.sql).toMatch(/mxid_age\(relminmxid\)/);
  });

  test("VACUUM, and neither FREEZE nor FULL, which do more than is needed", () => {
    expect(
      evidence({})
        .next.flatMap(({ sql }) => sql ?? [])
        .at(-1),
    ).toBe("VACUUM (VERBOSE);");
  });

  test("and who works against it", () => {
    const query = "autovacuum: VACUUM public.events (to prevent wraparound)";
    expect(evidence({ backends: [aServersWorker({ query })] }).evidence[2]).toBe(
      "1 autovacuum worker works against it now",
    );
  });
});

test("without SQL nobody tells", () => {
  expect(said(ID, aSample({ server: aServer({ lane: "host", tuning: null }) }))).toEqual([]);
});
