import { Socket } from "node:net";
import { setInterval } from "node:timers/promises";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HOLDER_BYS, membersOf, type HolderBy } from "../../src/analysis/holder-groups.ts";
import { slots } from "../../src/analysis/slots.ts";
import { forecast } from "../../src/history/forecast.ts";
import { append, emptyHistory, lastSample, type History } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Source } from "../../src/source/postgres.ts";
import { parseFilter } from "../../src/state/filter.ts";
import { holderFilter, holderRows, type HolderRow } from "../../src/state/holder-rows.ts";
import { rows } from "../../src/state/rows.ts";
import { DEFAULT_SORT } from "../../src/state/view.ts";
import { eventually } from "../servers/deadline.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

/** 97 of them for ordinary roles. */
const SETTINGS = { max_connections: 100, superuser_reserved_connections: 3, compute_query_id: "on" };
const ODD = 'Odd "Role"';

let server: TestServer;
let source: Source;
const open: pg.Client[] = [];

beforeAll(async () => {
  server = await testServer(18, SETTINGS, { hba: "host all all 127.0.0.0/8 trust" });
  const session = await client(server.url);
  await session.query("create role app login; create role report login connection limit 5");
  await session.query(`create role "${ODD.replaceAll('"', '""')}" login`);
  await session.query("create database shop connection limit 30");
  await session.end();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  source = await sourceOf(server.url);
});
afterEach(async () => {
  source.close();
  await Promise.allSettled(open.splice(0).map((session) => session.end()));
});

interface Opening {
  readonly application?: string;
  readonly database?: string;
  /** Of 127.0.0.0/8: where the sessions come from. */
  readonly from?: string;
  /** Null: they never run any. */
  readonly query?: string | null;
}

async function opened(n: number, role: string, given: Opening = {}): Promise<void> {
  const { application = "", database = "postgres", from = "127.0.0.1", query = "select 1" } = given;
  const url = new URL(withUser(server.url, role));
  url.pathname = `/${database}`;
  for (let i = 0; i < n; i++) {
    const session = await client(url.href, { application_name: application, stream: () => socketFrom(from) });
    open.push(session);
    if (query !== null) await session.query(query);
  }
}

function socketFrom(localAddress: string): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const from = (port: number, host: string): Socket => connect({ port, host, localAddress });
  return Object.assign(socket, { connect: from });
}

/** Those that were opened are at rest, those that were ended are gone, and one more session is ours. */
async function read(): Promise<Sample> {
  return eventually(
    `${open.length} sessions at rest, and ours`,
    () => source.read(),
    ({ backends, server: { ownPid } }) => {
      const sessions = backends.filter(({ backendType, pid }) => backendType === "client backend" && pid !== ownPid);
      return sessions.length === open.length && sessions.every(({ state }) => state === "idle");
    },
  );
}

function rowsOf(history: History, by: HolderBy, sort: "count" | "growth" = "count"): readonly HolderRow[] {
  return holderRows(history, lastSample(history)!, by, sort);
}

function counts(history: History, by: HolderBy): unknown[] {
  return rowsOf(history, by).map(({ group }) => [...group.names, group.count]);
}

describe("who holds the slots of a real server", () => {
  let history: History;

  beforeEach(async () => {
    await opened(8, "app", { application: "web", from: "127.0.0.2" });
    await opened(4, "app", { application: "web", from: "127.0.0.3", query: null });
    await opened(5, "report", { application: 'my "app"', database: "shop" });
    await opened(3, ODD, { database: "shop", query: "select 1\n-- nobody's" });
    history = append(emptyHistory(), await read());
  });

  test("is told by each grouping, and an empty name is one", () => {
    expect(counts(history, ["application"])).toEqual([
      ["web", 12],
      ['my "app"', 5],
      ["", 3],
      ["pgtriage", 1],
    ]);
    expect(counts(history, ["role"])).toEqual([
      ["app", 12],
      ["report", 5],
      [ODD, 3],
      ["postgres", 1],
    ]);
    expect(counts(history, ["client"])).toEqual([
      ["127.0.0.1", 9],
      ["127.0.0.2", 8],
      ["127.0.0.3", 4],
    ]);
    expect(counts(history, ["database"])).toEqual([
      ["postgres", 13],
      ["shop", 8],
    ]);
    expect(counts(history, ["application", "client"]).slice(0, 2)).toEqual([
      ["web", "127.0.0.2", 8],
      ['my "app"', "127.0.0.1", 5],
    ]);
  });

  test("tells those that have never run a query", () => {
    const [web, ...others] = rowsOf(history, ["application"]);
    expect(web!.group).toMatchObject({ neverUsed: 4, states: { idle: 12 } });
    expect(others.map(({ group }) => group.neverUsed)).toEqual([0, 0, 0]);
  });

  test("by query, the same statement is one group whatever stands in it: by the id that the server gives it", () => {
    const found = rowsOf(history, ["query"]);
    // A comment and another database make no other statement of it; those without any query have no id.
    const ids = found.map(({ group }) => [group.one.queryId === group.names[0], group.count]);
    expect(ids.slice(0, 2)).toEqual([
      [true, 16],
      [false, 4],
    ]);
    expect(found[1]!.group.names).toEqual([""]);
  });

  test("has the limits of roles and databases beside their use", () => {
    const limits = (by: HolderBy, name: string): unknown =>
      rowsOf(history, by).find(({ group }) => group.names[0] === name)!.limits;
    expect(limits(["role"], "report")).toEqual([{ kind: "role", name: "report", limit: 5, used: { low: 5, high: 5 } }]);
    expect(limits(["database"], "shop")).toEqual([
      { kind: "database", name: "shop", limit: 30, used: { low: 8, high: 8 } },
    ]);
    expect(limits(["role"], "app")).toEqual([]);
  });

  test("each group is listed by its filter, and nobody else", () => {
    const sample = lastSample(history)!;
    for (const by of HOLDER_BYS)
      for (const row of rowsOf(history, by)) {
        const filter = parseFilter(holderFilter(row));
        const listed = rows(sample, null, DEFAULT_SORT, filter, true, null).all.map(({ backend }) => backend);
        expect(new Set(listed), filter.text).toEqual(new Set(membersOf(sample, row.group)));
      }
  });

  test("what was opened since is growth, and what has ended is gone", async () => {
    const first = lastSample(history)!;
    // As if it had been read a minute earlier.
    const earlier = { ...first, takenAt: first.takenAt - 60_000, serverSeconds: first.serverSeconds - 60 };
    await opened(6, ODD);
    await Promise.all(open.splice(0, 2).map((session) => session.end()));
    const grown = append(append(emptyHistory(), earlier), await read());
    const [most] = rowsOf(grown, ["role"], "growth");
    expect(most!.group.names).toEqual([ODD]);
    expect(most!.growth.changes).toEqual([6, null, null]);
    expect(most!.growth.openedPerSecond).toBeGreaterThan(0.05);
    const app = rowsOf(grown, ["role"]).find(({ group }) => group.names[0] === "app")!;
    expect(app.growth.changes[0]).toBe(-2);
    expect(app.growth.gonePerSecond).toBeGreaterThan(0.01);
  });
});

test("a leak of two a second beside 60 sessions at rest: when all slots are taken is foretold within a fifth", async () => {
  await opened(60, "app", { application: "web" });
  let history = emptyHistory();
  let full: number | null = null;
  const leaking = leak(() => full === null);
  /** Where it was foretold to be full, on the server's clock, when a third, a half and two thirds of the rest were taken. */
  const foretold: { readonly now: number; readonly full: number }[] = [];
  for await (const _ of setInterval(500)) {
    const sample = await source.read();
    history = append(history, sample);
    const now = slots(sample);
    if (now.free.app === 0) full = sample.serverSeconds;
    if (full !== null) break;
    const told = forecast(history, now);
    if (now.used.low > 61 + [12, 18, 24][foretold.length]! && told !== null)
      foretold.push({ now: sample.serverSeconds, full: sample.serverSeconds + told.fullInSeconds });
  }
  await leaking;
  expect(rowsOf(history, ["application"], "growth")[0]!.group.names).toEqual(["leaky"]);
  expect(foretold).toHaveLength(3);
  for (const { now, full: told } of foretold) {
    expect(told - now).toBeGreaterThan((full! - now) * 0.8);
    expect(told - now).toBeLessThan((full! - now) * 1.2);
  }
});

async function leak(goesOn: () => boolean): Promise<void> {
  for await (const _ of setInterval(500)) {
    if (!goesOn()) return;
    // The one that is refused ends nothing but itself.
    await opened(1, "app", { application: "leaky", query: null }).catch(() => {});
  }
}
