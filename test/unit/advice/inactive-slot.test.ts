import { describe, expect, test } from "vitest";
import type { ReplicationSlot } from "../../../src/model/horizon.ts";
import { aSample, aServer, SERVER_NOW } from "../builders.ts";
import { said } from "./context.ts";
import { aSlot } from "./scenarios.ts";

const ID = "inactive-slot";
const GB = 2 ** 30;
const idle: ReplicationSlot = aSlot({
  kind: "physical",
  database: null,
  name: "standby2",
  catalogXmin: null,
  retainedBytes: 0,
});
const found = (slot: Partial<ReplicationSlot>) =>
  said(ID, aSample({ holdouts: { prepared: [], slots: [{ ...idle, ...slot }] } }));

describe("a slot that nobody uses", () => {
  test.each<[string, Partial<ReplicationSlot>, boolean]>([
    ["and that keeps nothing", {}, false],
    ["and that keeps a gigabyte of WAL, as during a restart of its standby", { retainedBytes: GB }, false],
    ["and that keeps more", { retainedBytes: GB + 1 }, true],
    ["and that keeps dead rows", { xmin: 40_000_000 }, true],
    ["and that keeps those of catalogs", { catalogXmin: 40_000_000 }, true],
    ["but since a moment", { xmin: 40_000_000, inactiveSinceSeconds: SERVER_NOW - 59 }, false],
  ])("%s: %o", (_, slot, told) => {
    expect(found(slot)).toHaveLength(told ? 1 : 0);
  });
});

test("one that is used keeps what its consumer needs", () => {
  expect(found({ active: true, inactiveSinceSeconds: null, xmin: 1, retainedBytes: 90 * GB })).toEqual([]);
});

test("what it keeps, since when, and what dropping it means", () => {
  const [finding] = found({ ...aSlot(), name: "it's" });
  expect(finding!.title).toBe(
    "nobody has used replication slot it's for 1h00: it keeps 12 GB of WAL, dead rows of system catalogs",
  );
  expect(finding!.next[1]).toEqual({
    text: "if the consumer is gone for good, drop the slot: its consumer then loses its place, and has to copy everything anew",
    sql: "SELECT pg_drop_replication_slot('it''s');",
  });
});

test("so much WAL that it fills a disk is critical", () => {
  expect(found({ retainedBytes: 50 * GB })[0]!.severity).toBe("warning");
  expect(found({ retainedBytes: 51 * GB })[0]!.severity).toBe("critical");
});

describe("before 17, where no server tells since when", () => {
  const slot = aSlot({ inactiveSinceSeconds: null });
  const server = aServer({ major: 13 });
  const at = (secondsLater: number, active: boolean) =>
    aSample({ secondsLater, server, holdouts: { prepared: [], slots: [{ ...slot, active }] } });

  test("it is told as it is seen", () => {
    expect(said(ID, at(0, false))[0]!.title).toMatch(/^nobody uses replication slot debezium: it keeps/);
  });

  test("unless history has seen it used within a minute", () => {
    expect(said(ID, [at(0, true), at(59, false)])).toEqual([]);
    expect(said(ID, [at(0, true), at(61, false)])).toHaveLength(1);
  });

  test("a limit for the WAL of slots there is from 13 on", () => {
    const sql = (major: number) =>
      said(ID, aSample({ server: aServer({ major }), holdouts: { prepared: [], slots: [slot] } }))[0]!.next.length;
    expect([sql(12), sql(13)]).toEqual([2, 3]);
  });
});
