import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { faultProxy, type FaultProxy } from "../servers/fault-proxy.ts";
import { fill, fullServer, type FullServer } from "../servers/full-server.ts";
import { client } from "../servers/server.ts";
import { dashboard, listed, live, oursOn, pidsListed } from "./dashboard.ts";
import { ask, gone, select, typeByHand } from "./ending.ts";
import type { Terminal } from "./terminal.ts";

let server: FullServer;
let terminal: Terminal | null = null;

afterEach(async () => {
  terminal?.close();
  terminal = null;
  await server?.close();
});

async function start(url: string, args: readonly string[] = []): Promise<Terminal> {
  terminal = dashboard(url, args, { columns: 140, rows: 40 });
  await live(terminal);
  return terminal;
}

/** By its phrase, as a person would. */
async function terminate(screen: Terminal, pid: number): Promise<void> {
  await ask(screen, "x", pid);
  await typeByHand(screen, `terminate ${pid}\n`);
  await gone(server.superusers[0]!, pid);
  await screen.waitFor(/terminated within \d/);
  // An Enter that comes right behind the one that ended the phrase is taken for the same.
  await pause(350);
  screen.press("\\");
}

describe.each([18, 16, 15, 12])("on PostgreSQL %i, with every slot taken, the reserved ones too", (major) => {
  beforeEach(async () => {
    server = await fullServer(major);
  });

  test("a superuser sees who holds them, ends a leaker by its phrase, and has the slot that this frees", async () => {
    const began = performance.now();
    const screen = await start(server.url);
    await screen.waitFor(() => server.leakers.every(({ pid }) => pidsListed(screen).includes(pid)));
    process.stderr.write(`[lanes] ${major}: holders painted after ${Math.round(performance.now() - began)} ms\n`);
    expect(screen.text()).toContain("WALSENDER LANE");
    const [leaker] = server.leakers;
    await terminate(screen, leaker!.pid);
    await screen.waitFor(() => !screen.text().includes("WALSENDER LANE"));
    await screen.waitFor(/IN THE RESERVE/);
    expect(screen.text()).toMatch(/10\/10/);
    // The lane was given back, and one session is all that we are.
    const other = server.superusers[0]!;
    const { rows } = await other.query(
      "select backend_type, count(*)::int as n from pg_stat_activity where application_name = 'pgtriage' group by 1",
    );
    expect(rows).toEqual([{ backend_type: "client backend", n: 1 }]);
  });

  test("the role with the least rights does the same, once an ordinary slot is free", async () => {
    const screen = await start(server.as("rescue"));
    expect(screen.text()).toContain("WALSENDER LANE");
    const [first, ...others] = server.leakers;
    await terminate(screen, first!.pid);
    await screen.waitFor(/9\/10/);
    // That one is for superusers: it stays where it is.
    expect(screen.text()).toContain("WALSENDER LANE");
    const reserved = major >= 16 ? 3 : 2;
    for (const { pid } of others.slice(0, reserved)) await terminate(screen, pid);
    await screen.waitFor(() => !/WALSENDER LANE|RESERVE/.test(screen.text()));
    expect(await oursOn(server.superusers[0]!)).toBe(1);
    expect(screen.text()).toMatch(/as rescue/);
  });
});

describe("on PostgreSQL 18", () => {
  beforeEach(async () => {
    server = await fullServer(18);
  });

  test("by the walsender lane the whole query is shown, what a session has locked too, and a cancel ends its query", async () => {
    const { session, pid } = server.leakers[0]!;
    await session.query("create temporary table mine (n int)");
    await session.query("begin");
    await session.query("insert into mine values (1)");
    const words = `/* ${"because ".repeat(60)} of the very end */`;
    const sleeping = session.query(`select pg_sleep(60) ${words}`).catch((error: { code: string }) => error.code);
    const screen = await start(server.as("rescue"));
    await select(screen, pid);
    screen.press("Enter");
    await screen.waitFor(/of the very end/);
    expect(screen.text()).toContain("WALSENDER LANE");
    screen.press("Escape");
    await ask(screen, "c", pid);
    await screen.waitFor(/holds \d+ locks?: pg_temp_\d+\.mine/);
    await typeByHand(screen, `cancel ${pid}\n`);
    expect(await sleeping).toBe("57014");
    await screen.waitFor(/query over within \d/);
    await session.query("rollback");
  });

  test("filter, order, cursor and tags are the same after the lane has changed", async () => {
    const screen = await start(server.url);
    screen.press("/");
    screen.type("app:leaky");
    screen.press("Enter", "r", "Space");
    await screen.waitFor(/1 tagged/);
    const before = pidsListed(screen);
    await server.superusers.at(-1)!.end();
    await screen.waitFor(() => !screen.text().includes("WALSENDER LANE"));
    await screen.waitFor(/filter app:leaky.*1 tagged/);
    expect(pidsListed(screen)).toEqual(before);
  });

  test("--rescue names the role that gets in, and is left as soon as the other one does", async () => {
    await server.superusers.at(-1)!.end();
    const screen = await start(server.as("app"), ["--rescue", "user=postgres"]);
    await screen.waitFor(/RESCUE LANE/);
    expect(screen.text()).toMatch(/in as postgres/);
    for (const { session } of server.leakers.slice(0, 4)) await session.end();
    await screen.waitFor(() => !screen.text().includes("RESCUE LANE"));
    expect(screen.text()).toMatch(/as app/);
    expect(await oursOn(server.superusers[0]!)).toBe(1);
  });

  describe("from elsewhere, as a role that no lane is open for", () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await faultProxy(server);
    });
    afterEach(() => proxy.close());

    /** No postmaster listens where the proxy does: as seen from another machine. */
    function out(): Terminal {
      const url = server.as("app").replace(`:${server.port}/`, `:${proxy.port}/`);
      return (terminal = dashboard(url, [], { columns: 120, rows: 40 }));
    }

    test("it stays, says why, and is in when there is a slot", async () => {
      const screen = out();
      await screen.waitFor(/Not in\./);
      await screen.waitFor(/Every connection slot of .* is taken, the reserved ones too\./);
      await screen.waitFor(/walsender +Role "app" may not connect as a walsender/);
      await screen.waitFor(/host +What listens at port \d+ is none of/);
      await screen.waitFor(/ALTER ROLE app REPLICATION/);
      await screen.waitFor(/Trying (again in|now).*(3rd|4th) try/);
      screen.press("?");
      await screen.waitFor(/What you see/);
      screen.press("Escape");
      await screen.waitFor(/Not in\./);
      for (const { session } of server.leakers.slice(0, 6)) await session.end();
      await live(screen);
      expect(listed(screen).length).toBeGreaterThan(3);
    });

    test("E tries at once, and q leaves", async () => {
      const screen = out();
      const tries = (): number => Number(/, (\d+)\w\w try/.exec(screen.text())?.[1]);
      await screen.waitFor(/Trying again in [3-9]\.\d s/, 20_000);
      const before = tries();
      screen.press("E");
      await screen.waitFor(() => tries() > before, 2_000);
      screen.press("q");
      expect(await screen.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
    });
  });
});

test("the last walsender place is not taken unasked; W takes it", async () => {
  server = await fullServer(17, { max_wal_senders: 2 });
  const standby = await client(server.url, { replication: "database" } as object);
  try {
    const screen = await start(server.url);
    // The server is here, and can be looked at meanwhile.
    await screen.waitFor(/HOST VIEW, NO SQL/);
    await screen.waitFor(/W takes the last walsender place/);
    screen.press("e");
    await screen.waitFor(/Only the last of 2 walsender places would let us in/);
    expect(await oursOn(server.superusers[0]!)).toBe(0);
    screen.press("W", "Escape");
    await screen.waitFor(/WALSENDER LANE/);
    await screen.waitFor(/we sit on the last walsender place/);
    // Its place becomes free: we hold one of two, and that is no news for anybody.
    await standby.end();
    await screen.waitFor(() => !screen.text().includes("the last walsender place"));
  } finally {
    await standby.end().catch(() => {});
  }
});

test("the last walsender place is given until a normal slot is free, and not for the next time", async () => {
  server = await fullServer(17, { max_wal_senders: 2 });
  const standby = await client(server.url, { replication: "database" } as object);
  try {
    terminal = dashboard(server.url, [], { columns: 120, rows: 40 });
    const screen = terminal;
    await screen.waitFor(/W takes? (the )?last walsender place/);
    screen.press("W");
    await screen.waitFor(/we sit on the last walsender place/);
    await server.superusers.at(-1)!.end();
    await screen.waitFor(/IN THE RESERVE/);
    const ours = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgtriage'";
    await server.superusers[0]!.query(ours);
    const others = await fill(server.url, "dba");
    await screen.waitFor(/W takes? (the )?last walsender place/);
    for (const { session } of others) await session.end();
  } finally {
    await standby.end().catch(() => {});
  }
});

test("the walsender lane does not hold up a shutdown", async () => {
  server = await fullServer(18);
  const screen = await start(server.url);
  await screen.waitFor(/WALSENDER LANE/);
  // It would wait for a walsender that does not go, longer than this test has.
  await server.close();
  await eventually(
    "it is told",
    () => screen.text(),
    (text) => text.includes("STALE"),
  );
  screen.press("q");
  expect(await screen.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
});
