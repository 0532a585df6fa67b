import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Source } from "../../src/source/postgres.ts";
import { client, pidOf, testServer, type TestServer, withUser } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { anOrder, shown, verdict, verdicts } from "./orders.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("what our role may end on PostgreSQL %i", (major) => {
  let server: TestServer;
  let admin: pg.Client;
  let boss: pg.Client;
  let mine: Writer;
  const sources: Source[] = [];
  let roles = 0;

  beforeAll(async () => {
    server = await testServer(major, { autovacuum: "off" });
    await prepareWriters(server.url);
    admin = await client(server.url);
    await admin.query("create role boss login superuser");
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    mine = await writer(server.url, "culprit");
    boss = await client(withUser(server.url, "boss"));
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) source.close();
    await Promise.all([mine.session, boss].map((session) => session.end().catch(() => {})));
  });

  /** A role that sees everything, with what else is said of it, and a source of its own. */
  async function monitor(attributes = ""): Promise<[Source, string]> {
    const role = `monitor_${++roles}`;
    await admin.query(`create role ${role} login ${attributes}`);
    await admin.query(`grant pg_read_all_stats to ${role}`);
    const source = await sourceOf(withUser(server.url, role));
    sources.push(source);
    return [source, role];
  }

  async function refusedAndAlive(source: Source): Promise<void> {
    expect(await verdict(source, "terminate", await shown(source, mine.pid))).toBe("refused");
    expect(await mine.commits()).toBe(true);
  }

  test("without pg_signal_backend: nobody of another role, and the sample has said so before", async () => {
    const [source, role] = await monitor();
    const { rights, superusers } = (await source.read()).server;
    expect(rights).toEqual({
      superuser: false,
      usesReserved: false,
      seeAll: true,
      signal: false,
      signalAutovacuum: false,
      ...{ listArchiveStatus: false, getAios: major >= 18 },
      roles: rights.roles,
    });
    expect(rights.roles).toEqual([role, "pg_read_all_stats"]);
    expect(superusers).toEqual(["boss", "postgres"]);
    await refusedAndAlive(source);
  });

  test("of our own role, every session but this one", async () => {
    const [source, role] = await monitor();
    const ours = await client(withUser(server.url, role));
    const ended = new Promise((resolve) => ours.once("end", resolve));
    expect(await verdict(source, "terminate", await shown(source, await pidOf(ours)))).toBe("sent");
    await ended;
  });

  test("of a role whose privileges we have, its sessions", async () => {
    const [source, role] = await monitor("in role app");
    expect((await source.read()).server.rights.roles).toEqual([role, "app", "pg_read_all_stats"]);
    expect(await verdict(source, "terminate", await shown(source, mine.pid))).toBe("sent");
    await mine.ended;
  });

  test("of a role that we are in without having its privileges, nobody", async () => {
    const [source, role] = await monitor("noinherit");
    await admin.query(`grant app to ${role}`);
    // Who it is comes from somebody who sees it: from 16 on, pg_read_all_stats too counts for those who inherit it.
    const seeing = await sourceOf(server.url);
    sources.push(seeing);
    const target = await shown(seeing, mine.pid);
    expect((await source.read()).server.rights.roles).toEqual([role]);
    expect(await verdict(source, "terminate", target)).toBe(major < 16 ? "refused" : "hidden");
    expect(await mine.commits()).toBe(true);
  });

  test("with pg_signal_backend everybody's but a superuser's", async () => {
    const [source] = await monitor("in role pg_signal_backend");
    expect((await source.read()).server.rights).toMatchObject({ signal: true, superuser: false });
    const target = await shown(source, await pidOf(boss));
    expect(await verdict(source, "terminate", target)).toBe("refused");
    expect((await boss.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    expect(await verdict(source, "terminate", await shown(source, mine.pid))).toBe("sent");
    await mine.ended;
  });

  test("as a superuser everybody's, and of a thousand roles only itself is listed as ours", async () => {
    await admin.query("do $$ begin for i in 1..1000 loop execute 'create role many_' || i; end loop; end $$");
    const source = await sourceOf(withUser(server.url, "boss"));
    sources.push(source);
    const { rights, superusers } = (await source.read()).server;
    expect(rights).toEqual({
      superuser: true,
      usesReserved: true,
      seeAll: true,
      signal: true,
      signalAutovacuum: true,
      ...{ listArchiveStatus: major >= 12, getAios: major >= 18 },
      roles: ["boss"],
    });
    expect(superusers).toEqual(["boss", "postgres"]);
    const other = await client(withUser(server.url, "boss"));
    const ended = new Promise((resolve) => other.once("end", resolve));
    expect(await verdict(source, "terminate", await shown(source, await pidOf(other)))).toBe("sent");
    await ended;
  });

  test("a right that was revoked after the sample is one that we do not have", async () => {
    const [source, role] = await monitor("in role pg_signal_backend");
    const target = await shown(source, mine.pid);
    await admin.query(`revoke pg_signal_backend from ${role}`);
    expect(await verdict(source, "terminate", target)).toBe("refused");
    expect(await mine.commits()).toBe(true);
  });

  test("a right that was granted after the sample counts at once", async () => {
    const [source, role] = await monitor();
    const target = await shown(source, mine.pid);
    await admin.query(`grant pg_signal_backend to ${role}`);
    expect(await verdict(source, "terminate", target)).toBe("sent");
    await mine.ended;
  });

  test("who has become a superuser after the sample is one", async () => {
    const [source] = await monitor("in role pg_signal_backend");
    const target = await shown(source, mine.pid);
    await admin.query("alter role app superuser");
    try {
      expect(await verdict(source, "terminate", target)).toBe("refused");
      expect(await mine.commits()).toBe(true);
    } finally {
      await admin.query("alter role app nosuperuser");
    }
  });

  test("a role that no longer sees others does not know any more who they are, and ends nobody", async () => {
    const [source, role] = await monitor("in role pg_signal_backend");
    const target = await shown(source, mine.pid);
    await admin.query(`revoke pg_read_all_stats from ${role}`);
    expect(await verdict(source, "terminate", target)).toBe("hidden");
    expect(await mine.commits()).toBe(true);
  });

  test("in a group each one is answered for himself", async () => {
    const [source, role] = await monitor("in role app");
    const other = await writer(server.url, "etl", "etl");
    const ours = await client(withUser(server.url, role));
    try {
      const pids = [mine.pid, other.pid, await pidOf(ours), await pidOf(boss)];
      const targets = await Promise.all(pids.map((pid) => shown(source, pid)));
      const answers = await source.signal(anOrder("terminate", targets));
      expect(verdicts(answers)).toEqual(["sent", "refused", "sent", "protected"]);
      expect(await other.commits()).toBe(true);
      expect((await boss.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
      await mine.ended;
    } finally {
      await Promise.all([other.session.end(), ours.end().catch(() => {})]);
    }
  });
});
