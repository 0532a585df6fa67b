import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pins } from "../../src/analysis/horizon.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { standbyOf } from "../servers/standby.ts";
import { doomedTable, type Doomed } from "./doomed.ts";
import { sourceOf } from "./pgtriage.ts";
import { RR } from "./shapes.ts";

describe.each([18, 14, 12, 10])("what a standby holds back on its primary, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let source: Source;
  let doomed: Doomed;

  beforeAll(async () => {
    server = await testServer(major, { max_replication_slots: 4, autovacuum: "off" });
    doomed = await doomedTable(server.url);
    source = await sourceOf(server.url);
  });
  afterAll(async () => {
    source?.close();
    await doomed?.close();
    await server?.stop();
  });
  beforeEach(() => doomed.refill());

  test.each([
    ["without a slot", null],
    ["with a slot", "of_standby"],
  ])("a query of a standby that gives feedback, %s: 1000 of 1000 are kept", async (_, slot) => {
    if (slot !== null) await doomed.query(`select pg_create_physical_replication_slot('${slot}')`);
    const standby = await standbyOf(server, major, slot);
    try {
      const there = await client(standby.url);
      await there.query(RR);
      await there.query("select 1");
      const held = await eventually(
        "feedback",
        async () => pins(await source.read())!.all,
        (all) => all.length === 1,
      );
      const [pin] = held;
      expect(pin).toMatchObject({ database: null, keeps: "rows", sure: true });
      if (slot === null) expect(pin).toMatchObject({ kind: "feedback", backend: { application: "standby" } });
      else expect(pin).toMatchObject({ kind: "slot", slot: { name: slot, kind: "physical", active: true } });
      expect(await doomed.kept()).toBe(1000);
      // Without a query as well, feedback is behind by a second: what is kept for the query is kept for longer.
      const over = (await source.read()).serverSeconds + SOME_FEEDBACKS_SECONDS;
      await eventually(
        "later",
        () => source.read(),
        (sample) => sample.serverSeconds > over,
        { everyMs: 200 },
      );
      expect(await doomed.keptBy("doomed")).toBe(1000);
      await there.query("rollback");
      await eventually(
        "released",
        () => doomed.keptBy("doomed"),
        (kept) => kept === 0,
        { everyMs: 200 },
      );
    } finally {
      await standby.stop();
      if (slot !== null) await dropSlot(doomed, slot);
    }
  });
});

/** A standby of ours gives one each second. */
const SOME_FEEDBACKS_SECONDS = 2.5;

/** Once its walsender has noticed that the standby is gone. */
async function dropSlot({ query }: Doomed, name: string): Promise<void> {
  await eventually(
    `${name} is dropped`,
    () =>
      query(`select pg_drop_replication_slot('${name}')`).then(
        () => true,
        () => false,
      ),
    Boolean,
  );
}
