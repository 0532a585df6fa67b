import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { AGES, type Ages, type Finding } from "../../src/advice/rule.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import { isClient } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { eventually } from "../servers/deadline.ts";
import { freePort } from "../servers/free-port.ts";
import { restartableServer } from "../servers/restartable.ts";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { hostLane } from "./host-lane.ts";
import { pgtriage, snapshotOf, sourceOf } from "./pgtriage.ts";

/** Nothing but a crash is to be told: servers of tests are as careless with their data as they are fast. */
const SAFE = {
  ...{ idle_in_transaction_session_timeout: "1h", statement_timeout: "1h" },
  ...{ fsync: "on", full_page_writes: "on" },
};

function found(samples: readonly Sample[], ages: Partial<Ages> = {}): readonly Finding[] {
  const history = samples.reduce(append, emptyHistory());
  const at = { sample: samples.at(-1)!, history, thresholds: DEFAULT_THRESHOLDS, returned: [] };
  return findings({ ...at, ages: { ...AGES, ...ages } });
}

const ids = (told: readonly Finding[]): string[] => told.map(({ id }) => id);

async function readBy(url: string): Promise<Sample> {
  const source = await sourceOf(url);
  try {
    return await source.read();
  } finally {
    source.close();
  }
}

/** It lets nobody in while it recovers. */
function upAgain(url: string): Promise<pg.Client> {
  return eventually(
    "somebody is let in",
    () => client(url).catch(() => null),
    (session) => session !== null,
    { withinMs: 60_000 },
  ) as Promise<pg.Client>;
}

describe.each([18, 13, 10])("a server of PostgreSQL %i whose session was killed", (major) => {
  let server: TestServer;
  let young: Sample;
  let before: Sample;
  let after: Sample;
  let hosts: readonly Sample[];

  beforeAll(async () => {
    server = await testServer(major, SAFE);
    young = await readBy(server.url);
    const admin = await client(server.url);
    await admin.query("create role watcher login");
    const others = await Promise.all(Array.from({ length: 5 }, () => client(server.url)));
    const host = await hostLane(server);
    await eventually(
      "the kernel's start of the postmaster is told from that of its processes",
      async () =>
        (
          await admin.query<{ up: number }>(
            "select extract(epoch from now() - pg_postmaster_start_time())::float8 as up",
          )
        ).rows[0]!.up,
      (up) => up > 11,
      { everyMs: 500, withinMs: 30_000 },
    );
    const source = await sourceOf(server.url);
    before = await source.read();
    hosts = [await host.read()];
    process.kill(await pidOf(others[0]!), "SIGKILL");
    await eventually(
      "our session is ended",
      () =>
        source.read().then(
          () => false,
          () => true,
        ),
      Boolean,
    );
    source.close();
    await (await upAgain(server.url)).end();
    after = await readBy(server.url);
    hosts = [...hosts, await host.read()];
    host.close();
  });
  afterAll(() => server?.stop());

  test("has only been started, before that", () => {
    expect(ids(found([young]))).toEqual(["server-restarted"]);
    expect(found([young])[0]!.title).toMatch(/^the server was started [\d.]+m?s ago$/);
    expect(ids(found([before]))).toEqual(["server-restarted"]);
  });

  test("has crashed, as two readings tell", async () => {
    const told = found([before, after]);
    expect(ids(told)).toEqual(["server-crashed"]);
    expect(told[0]!.severity).toBe("warning");
    expect(told[0]!.title).toMatch(/^the server crashed and was up again [\d.]+m?s ago: all sessions were ended$/);
    const count = ({ backends }: Sample): number => backends.filter(isClient).length;
    expect(count(before)).toBeGreaterThanOrEqual(7);
    expect(told[0]!.evidence).toContain(`${count(before)} sessions before, ${count(after)} now`);
    const session = await client(server.url);
    const statements = [told, found([young])].flatMap(([{ next } = { next: [] }]) =>
      next.flatMap(({ sql }) => sql ?? []),
    );
    expect(statements).toHaveLength(4);
    for (const sql of statements) await session.query(sql);
    await session.end();
  });

  test("has crashed, as one reading tells as far as it can", () => {
    const known = found([after], { restart: 0 });
    expect(ids(known)).toEqual(major >= 15 ? ["server-crashed"] : []);
    const [finding] = found([after], { longRecovery: 0 });
    expect(finding!.title).toMatch(
      major >= 15
        ? /^the server crashed and was up again/
        : /^the server crashed, or began with a long recovery: up again [\d.]+m?s ago$/,
    );
  });

  test("has crashed, as its processes tell without SQL", () => {
    expect(ids(found([hosts[0]!], { restart: 0 }))).toEqual([]);
    expect(ids(found(hosts))).toContain("server-crashed");
    expect(ids(found([hosts[1]!], { longRecovery: 0 }))).toContain("server-crashed");
  });

  test("nothing of it is known to a role that does not see since when its processes are there", async () => {
    const sample = await readBy(withUser(server.url, "watcher"));
    expect(ids(found([sample], { longRecovery: 0, restart: 0 }))).not.toContain("server-crashed");
  });

  test("check and snapshot tell it where one reading is enough", async () => {
    const { code, stdout } = await pgtriage(["check", server.url]);
    const line = major >= 15 ? /^PGTRIAGE WARNING - the server crashed and was up again / : /^PGTRIAGE OK - /;
    expect([code, stdout]).toEqual([major >= 15 ? 1 : 0, expect.stringMatching(line)]);
    const { findings: told } = await snapshotOf(server.url);
    expect((told as Finding[]).some(({ id }) => id === "server-crashed")).toBe(major >= 15);
  });
});

test.each([18, 13, 10])("a start that recovers from a crash is no crash, on PostgreSQL %i", async (major) => {
  const server = await restartableServer(major, await freePort(), {
    ...SAFE,
    max_wal_size: "4GB",
    checkpoint_timeout: "1h",
  });
  try {
    await server.start();
    const session = await upAgain(server.url);
    const before = await readBy(server.url);
    await session.query("create table events (id int, body text)");
    await session.query("insert into events select n, repeat('x', 100) from generate_series(1, 1000000) n");
    session.on("error", () => {});
    await server.stop("immediate");
    await server.start();
    await (await upAgain(server.url)).end();
    const after = await readBy(server.url);
    expect(ids(found([after]))).toEqual(["server-restarted"]);
    const told = found([before, after]);
    expect(ids(told)).toEqual(["server-restarted"]);
    expect(told[0]!.title).toMatch(/^the server was restarted [\d.]+m?s ago$/);
  } finally {
    await server.close();
  }
});
