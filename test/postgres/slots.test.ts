import type pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { slots, type Slots } from "../../src/analysis/slots.ts";
import type { Source } from "../../src/source/postgres.ts";
import { eventually } from "../servers/deadline.ts";
import { client, sessions, testServer, type TestServer, withUser } from "../servers/server.ts";
import { pgtriage, snapshotOf, sourceOf } from "./pgtriage.ts";

const TWELVE = { max_connections: 12, superuser_reserved_connections: 3, max_wal_senders: 3 };
const ROLES = "create role app login; create role steady login; create role copier login replication";

let server: TestServer;
let source: Source | null = null;
const open: pg.Client[] = [];

afterEach(async () => {
  source?.close();
  source = null;
  await Promise.allSettled(open.splice(0).map((session) => session.end()));
  await server.stop();
});

async function serverWith(major: number, settings: Readonly<Record<string, number>>): Promise<void> {
  server = await testServer(major, settings);
  const session = await client(server.url);
  await session.query(ROLES);
  if (settings["reserved_connections"] !== undefined)
    await session.query("grant pg_use_reserved_connections to steady");
  await session.end();
}

/** What we say now, from the one session that stays open as the dashboard's does. */
async function now(used: number): Promise<Slots> {
  source ??= await sourceOf(server.url);
  const kept = source;
  // Who was refused may still be on the way out.
  return eventually(
    `${used} used`,
    async () => slots(await kept.read()),
    (told) => told.used.low === used,
  );
}

/** Opens sessions until PostgreSQL refuses, and holds what we said before each one against what happened. */
async function untilRefused(role: string, free: (told: Slots) => number | null, from: number): Promise<number> {
  for (let used = from; ; used++) {
    const promised = free(await now(used));
    const code = await tryToOpen(role);
    expect([promised === 0, code], `${used} used, ${promised} free`).toEqual(
      promised === 0 ? [true, "53300"] : [false, null],
    );
    if (code !== null) return used;
  }
}

/** Null when it is open now, or the SQLSTATE of the refusal. */
async function tryToOpen(role: string, extra: pg.ClientConfig = {}): Promise<string | null> {
  try {
    open.push(await client(withUser(server.url, role), extra));
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe("12 slots of which 3 are for superusers and 2 reserved, six sessions of an ordinary role and ours", () => {
  test("7 of 12 used is critical: none is left for ordinary roles, and the next one is really refused", async () => {
    await serverWith(18, { ...TWELVE, reserved_connections: 2 });
    const six = await sessions(server.url, 6, { role: "app", application: "web" });
    open.push(...six.clients);
    const told = await snapshotOf(server.url);
    expect(told.slots).toMatchObject({
      ...{ max: 12, superuserReserved: 3, reserved: 2, app: 7, used: 7, usedAtLeast: 7, usedAtMost: 7 },
      ...{ free: { app: 0, reserved: 2, superuser: 5 }, level: "critical" },
    });
    const { stdout } = await pgtriage(["snapshot", server.url]);
    expect(stdout.split("\n")[0]).toBe("CRITICAL: 7/12 slots used, none left for app roles (2 reserved + 3 superuser)");
    // In the place of the snapshot's session, which has ended.
    expect((await now(7)).free.app).toBe(0);
    await expect(client(withUser(server.url, "app"))).rejects.toMatchObject({ code: "53300" });
    open.push(await client(withUser(server.url, "steady")));
  });

  test("what we call free is what can be opened, one by one: by ordinary roles, by the reserve's members, by superusers", async () => {
    await serverWith(18, { ...TWELVE, reserved_connections: 2 });
    expect(await untilRefused("app", (told) => told.free.app, 1)).toBe(7);
    expect(await untilRefused("steady", (told) => told.free.reserved, 7)).toBe(9);
    expect(await untilRefused("postgres", (told) => told.free.superuser, 9)).toBe(12);
    const full = await now(12);
    expect(full.free).toEqual({ app: 0, reserved: 0, superuser: 0 });
    expect(full.level).toBe("critical");
  });
});

describe.each([13, 10])("12 slots of which 3 are for superusers, on PostgreSQL %i", (major) => {
  test("9 are the ordinary roles', and what we call free is what can be opened", async () => {
    await serverWith(major, TWELVE);
    expect((await now(1)).app).toBe(9);
    expect(await untilRefused("app", (told) => told.free.app, 1)).toBe(9);
    expect(await untilRefused("postgres", (told) => told.free.superuser, 9)).toBe(12);
  });
});

describe.each([
  { major: 18, what: "have a pool of their own", ownPool: true },
  { major: 13, what: "have a pool of their own", ownPool: true },
  { major: 10, what: "take slots of ordinary roles", ownPool: false },
])("PostgreSQL $major", ({ major, what, ownPool }) => {
  test(`walsenders ${what}`, async () => {
    await serverWith(major, TWELVE);
    for (const replication of ["database", "true"]) {
      expect(await tryToOpen("copier", { replication } as pg.ClientConfig)).toBeNull();
    }
    const taken = ownPool ? 0 : 2;
    const before = await now(1 + taken);
    expect(before.walsenders).toEqual({ used: 2, max: 3, ownPool });
    expect(before.app).toBe(9);
    expect(await untilRefused("app", (told) => told.free.app, 1 + taken)).toBe(9);
    expect((await snapshotOf(server.url)).slots).toMatchObject({ used: 10, walsenders: { used: 2, max: 3 } });
    expect(await tryToOpen("copier", { replication: "true" } as pg.ClientConfig)).toBe(ownPool ? null : "53300");
  });
});
