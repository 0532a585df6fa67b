import { readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sample } from "../../src/model/reading.ts";
import type { CloseLookStatement } from "../../src/model/refusal.ts";
import { closeLook } from "../../src/source/close-look.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";
import type { Source } from "../../src/source/postgres.ts";
import { roundTrips } from "../../src/source/round-trip.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("what the server refuses, on PostgreSQL %i", (major) => {
  let server: TestServer;
  let session: pg.Client;

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 20, autovacuum: "off" });
    session = await client(server.url);
    await session.query("create role monitor login in role pg_monitor");
  });
  afterAll(async () => {
    await session?.end();
    await server?.stop();
  });

  const refusable = (Object.keys(TAKEN) as CloseLookStatement[]).filter((name) => major >= (SINCE[name] ?? 10));

  test.each(refusable)("%s goes alone: the others come in the same sample, and the reason with them", async (name) => {
    const { right, whose, untold } = TAKEN[name];
    const source = await sourceOf(withUser(server.url, "monitor"));
    try {
      await source.read({ brief: true });
      const before = await settled(source);
      expect(before).toMatchObject({ refused: [] });
      // Whoever looks anew has files counted anew.
      await source.read();
      const lines = deniedIn(server);
      await session.query(`revoke ${right} from ${whose}`);
      const sample = await source.read({ workings: true });
      // From 17 on the counters are read from pg_stat_io as well.
      const also: readonly CloseLookStatement[] = name === "io" && major >= 17 ? ["counters"] : [];
      const said = { sqlstate: "42501", message: expect.stringContaining("permission denied") as string };
      expect(sample.refused).toEqual(
        [...also, name].map((statement) => ({ statement, ...said, untilSeconds: expect.any(Number) as number })),
      );
      for (const { untilSeconds } of sample.refused)
        expect(Math.abs(untilSeconds - sample.serverSeconds - 300)).toBeLessThan(30);
      expect(nullsOf(sample)).toEqual([...nullsOf(before), ...also, ...untold].toSorted());
      expect(sample.backends.length).toBeGreaterThan(1);

      const later = await source.read({ workings: true });
      expect(later.refused).toBe(sample.refused);
      expect(nullsOf(later)).toEqual(nullsOf(sample));
      await session.query(`grant ${right} to ${whose}`);
      expect((await source.read({ workings: true })).refused).toBe(sample.refused);
      expect(deniedIn(server) - lines).toBe(sample.refused.length);
    } finally {
      source.close();
      await session.query(`grant ${right} to ${whose}`);
    }
  });

  test("several at once are several reasons, each told once to the server's log", async () => {
    const names = ["counters", "standbys", "recovery", "subscriptions", "progress"] as const;
    for (const name of names) await session.query(`revoke ${TAKEN[name].right} from ${TAKEN[name].whose}`);
    const source = await sourceOf(withUser(server.url, "monitor"));
    const lines = deniedIn(server);
    try {
      // The very first one, before which the server's clock is not known.
      const first = await source.read({ workings: true });
      for (let i = 0; i < 3; i++) expect((await source.read({ workings: true })).refused).toHaveLength(names.length);
      expect(first.refused.map(({ statement }) => statement).toSorted()).toEqual(names.toSorted());
      expect(first.counters).toBeNull();
      expect(first.workings).toMatchObject({ standbys: null, receiver: null, recovery: null, progress: null });
      expect(first.backends.length).toBeGreaterThan(1);
      expect(first.server.tuning).not.toBeNull();
      expect(deniedIn(server) - lines).toBe(names.length);
    } finally {
      source.close();
      for (const name of names) await session.query(`grant ${TAKEN[name].right} to ${TAKEN[name].whose}`);
    }
  });

  test("when its time is over it is asked again, refused once more, and comes back when it is granted", async () => {
    const { right, whose } = TAKEN.standbys;
    const ours = await client(withUser(server.url, "monitor"));
    const roundTrip = roundTrips(ours, major, () => {});
    const look = closeLook(major);
    /** As a sample is read, on a clock that is ours to set. */
    const readAt = async (serverSeconds: number): Promise<Pick<Sample, "workings" | "refused">> => {
      const asks = look.asks({ serverSeconds, slow: false, counters: false, workings: true });
      try {
        return look.taken(await roundTrip(["clock", ...asks, "cost"]), UTF8_EVERYWHERE, serverSeconds);
      } catch (error) {
        if (look.blamed(error, serverSeconds)) return readAt(serverSeconds);
        throw error;
      }
    };
    await session.query(`revoke ${right} from ${whose}`);
    try {
      await roundTrip(["session"]);
      const lines = deniedIn(server);
      const untils: (number | undefined)[] = [];
      for (const at of [1000, 1001, 1299, 1300, 1301]) untils.push((await readAt(at)).refused[0]?.untilSeconds);
      expect(untils).toEqual([1300, 1300, 1300, 1600, 1600]);
      expect(deniedIn(server) - lines).toBe(2);
      await session.query(`grant ${right} to ${whose}`);
      expect((await readAt(1599)).workings!.standbys).toBeNull();
      expect(await readAt(1600)).toMatchObject({ workings: { standbys: [] }, refused: [] });
    } finally {
      await ours.end();
      await session.query(`grant ${right} to ${whose}`);
    }
  });

  test("a catalogue that is locked: the others come meanwhile, and it comes back by itself soon after", async () => {
    const source = await sourceOf(server.url);
    await source.read({ brief: true });
    await session.query("begin; lock table pg_catalog.pg_subscription in access exclusive mode");
    try {
      const sample = await source.read({ workings: true });
      expect(sample.refused).toMatchObject([{ statement: "subscriptions", sqlstate: "55P03" }]);
      expect(sample.refused[0]!.untilSeconds - sample.serverSeconds).toBeLessThan(16);
      expect(sample.workings).toMatchObject({ standbys: [], recovery: "none", subscriptions: null, progress: [] });
      expect(sample.counters).not.toBeNull();
      await session.query("rollback");
      await eventually(
        "told again",
        () => source.read({ workings: true }),
        ({ workings, refused }) => workings!.subscriptions !== null && refused.length === 0,
        { withinMs: 30_000 },
      );
    } finally {
      source.close();
      await session.query("rollback");
    }
  });
});

interface Taken {
  readonly right: string;
  readonly whose: string;
  /** What is null when it is gone. */
  readonly untold: readonly string[];
}

/** What each statement cannot do without, and who has the right to it. */
const TAKEN: Readonly<Record<CloseLookStatement, Taken>> = {
  counters: { right: "select on pg_stat_archiver", whose: "public", untold: ["counters"] },
  standbys: { right: "execute on function pg_stat_get_wal_senders()", whose: "public", untold: ["standbys"] },
  recovery: { right: "select on pg_stat_wal_receiver", whose: "public", untold: ["receiver", "recovery"] },
  subscriptions: { right: "select on pg_stat_subscription", whose: "public", untold: ["subscriptions"] },
  progress: { right: "execute on function pg_stat_get_progress_info(text)", whose: "public", untold: ["progress"] },
  io: { right: "select on pg_stat_io", whose: "public", untold: ["io"] },
  "to-archive": {
    right: "execute on function pg_ls_archive_statusdir()",
    whose: "pg_monitor",
    untold: ["walFilesToArchive"],
  },
  "io-under-way": { right: "execute on function pg_get_aios()", whose: "pg_read_all_stats", untold: ["ioUnderWay"] },
};

const SINCE: Partial<Record<CloseLookStatement, number>> = { io: 16, "to-archive": 12, "io-under-way": 18 };

/** A sample in which all is read that our role may read, files that wait for the archiver among them. */
async function settled(source: Source): Promise<Sample> {
  await source.read();
  return source.read({ workings: true });
}

/** The names of what is not known. */
function nullsOf({ counters, workings }: Sample): string[] {
  return Object.entries({ counters, ...workings! })
    .flatMap(([name, value]) => (value === null ? [name] : []))
    .toSorted();
}

function deniedIn({ dataDir }: TestServer): number {
  const log = readFileSync(path.join(dataDir, "..", "log"), "utf8");
  return log.match(/permission denied/g)?.length ?? 0;
}
