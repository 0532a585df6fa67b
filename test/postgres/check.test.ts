import { createServer, type AddressInfo } from "node:net";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fullServer } from "../servers/full-server.ts";
import { client, sessions, testServer, type TestServer } from "../servers/server.ts";
import { pgtriage, SECRET } from "./pgtriage.ts";

const HBA = `
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
`;

describe.each([18, 10])("pgtriage check, on PostgreSQL %i with 17 app slots of 20", (major) => {
  let server: TestServer;
  const open: pg.Client[] = [];

  beforeAll(async () => {
    server = await testServer(major, { max_connections: 20, superuser_reserved_connections: 3 }, { hba: HBA });
    const session = await client(server.url);
    await session.query("set password_encryption = 'scram-sha-256'");
    await session.query(
      "create role monitor login in role pg_monitor; create role app login; create role stranger login",
    );
    await session.query("create role locked login password 'right'; create role report login connection limit 1");
    await session.end();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.end()));
  });
  afterAll(() => server?.stop());

  function as(role: string): string {
    return `postgres://${role}@${server.host}:${server.port}/postgres`;
  }

  async function fill(role: string, count: number): Promise<void> {
    open.push(...(await sessions(as(role), count)).clients);
  }

  test("OK, with what a graph needs", async () => {
    await fill("app", 3);
    await open[0]!.query("begin");
    expect(await check(as("monitor"))).toEqual([
      0,
      "PGTRIAGE OK - 4 of 17 app slots used, 13 left | app_used=4;13;16;0;17 max_used=4;16;19;0;20 idle_in_transaction=1 waiting=0",
    ]);
  });

  test("WARNING and CRITICAL by app slots, its own session among them", async () => {
    await fill("app", 13);
    expect(await check(as("monitor"))).toEqual([
      1,
      expect.stringMatching(/^PGTRIAGE WARNING - 14 of 17 app slots used, 3 left \|/),
    ]);
    expect((await check(as("monitor"), "--warn", "90"))[0]).toBe(0);
    expect((await check(as("monitor"), "--crit", "81"))[0]).toBe(2);
    await fill("app", 3);
    expect(await check(as("monitor"))).toEqual([
      2,
      expect.stringMatching(/^PGTRIAGE CRITICAL - 17 of 17 app slots used, none left \|/),
    ]);
  });

  test("CRITICAL when it is refused for want of a slot, and says who still gets in", async () => {
    await fill("app", 17);
    expect(await check(as("monitor"), "--lane", "normal")).toEqual([
      2,
      `PGTRIAGE CRITICAL - No slot is left on 127.0.0.1:${server.port} but those reserved for superusers. Still let in: superusers, and walsenders (roles with REPLICATION)${major >= 16 ? "" : " from PostgreSQL 12 on"}.`,
    ]);
    expect(await check(as("postgres"))).toEqual([
      2,
      expect.stringMatching(
        /CRITICAL - 17 of 17 app slots used, and 1 of the 3 reserved ones, none left \| app_used=17;/,
      ),
    ]);
  });

  test("WARNING when a role is at its own limit", async () => {
    await fill("report", 1);
    expect(await check(as("monitor"))).toEqual([
      1,
      expect.stringContaining('WARNING - 2 of 17 app slots used, 15 left; role "report" is at its limit of 1 |'),
    ]);
  });

  test("a role that does not see the others says OK only where they cannot matter", async () => {
    await fill("app", 5);
    expect(await check(as("stranger"))).toEqual([
      0,
      "PGTRIAGE OK - 1-6 of 17 app slots used, 11-16 left; 5 of 6 hidden: GRANT pg_monitor TO stranger | app_used=U;13;16;0;17 max_used=U;16;19;0;20 idle_in_transaction=U waiting=U",
    ]);
    await fill("app", 9);
    expect(await check(as("stranger"))).toEqual([3, expect.stringMatching(/^PGTRIAGE UNKNOWN - 1-15 of 17 app slots/)]);
  });

  test("UNKNOWN for a wrong password, and for none; nobody is asked", async () => {
    const wrong = as("locked").replace("@", `:${SECRET}@`);
    expect(await check(wrong)).toEqual([
      3,
      expect.stringMatching(/^PGTRIAGE UNKNOWN - Wrong password for role "locked"/),
    ]);
    expect(await check(as("locked"), "-W")).toEqual([
      3,
      expect.stringMatching(/^PGTRIAGE UNKNOWN - .* wants a password/),
    ]);
  });
});

test("UNKNOWN where nothing listens", async () => {
  const port = await freePort();
  expect(await check(`postgres://monitor:${SECRET}@127.0.0.1:${port}/shop`)).toEqual([
    3,
    `PGTRIAGE UNKNOWN - Nothing listens on 127.0.0.1:${port}: is PostgreSQL running there, and is the port right?`,
  ]);
});

test("CRITICAL where it was refused for want of a slot, whatever the other lanes say or do not say", async () => {
  const server = await fullServer(18);
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  try {
    const full = `Every connection slot of 127.0.0.1:${server.port} is taken, the reserved ones too.`;
    const rescue = ["--rescue", `host=127.0.0.1 port=${port} user=rescue`, "--timeout", "2"];
    const [code, line] = await check(server.as("app"), ...rescue);
    expect([code, line]).toEqual([2, expect.stringContaining(full)]);
    expect(line).toMatch(/\(no other lane within 2 s\)$/);
    // Where nothing listens for the normal one, say a pooler that is down, the other road is still good for a walsender.
    const nowhere = `postgres://app@127.0.0.1:${await freePort()}/postgres`;
    const past = ["--rescue", server.as("rescue")];
    expect((await check(nowhere, ...past))[1]).toMatch(/^PGTRIAGE CRITICAL - .* none left \(by the walsender lane\)/);
    expect((await check(nowhere, "--rescue", server.as("monitor")))[0]).toBe(2);
  } finally {
    mute.close();
    await server.close();
  }
});

test("UNKNOWN in time where somebody listens and never answers", async () => {
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  const began = performance.now();
  expect(await check(`postgres://monitor@127.0.0.1:${port}/shop`, "--timeout", "1")).toEqual([
    3,
    `PGTRIAGE UNKNOWN - timed out after 1 s: 127.0.0.1:${port} has not told its state`,
  ]);
  expect(performance.now() - began).toBeLessThan(5000);
  mute.close();
});

test.each([
  { args: ["--wran", "3"], about: "unknown option --wran: did you mean --warn?" },
  { args: ["--timeout", "0"], about: "--timeout is a number of seconds from 1 to 600" },
  { args: ["--warn", "99"], about: "a warning comes before what is critical" },
  { args: ["--ascii=maybe"], about: "--ascii is" },
  { args: [`mysql://u:${SECRET}@h/db`], about: "URI" },
  { args: ["a", "b", "c"], about: "quotes" },
  { args: ["--config", "/nowhere/config.json"], about: "/nowhere/config.json" },
  { args: ["--log", "/nowhere/log"], about: "/nowhere/log" },
])("wrong usage is UNKNOWN, since 2 would be an alarm: $args", async ({ args, about }) => {
  expect(await check(...args)).toEqual([3, expect.stringMatching(/^PGTRIAGE UNKNOWN - /)]);
  expect((await check(...args))[1]).toContain(about);
});

/** Exit code, and the one line on stdout, which is all that there is. */
async function check(...args: readonly string[]): Promise<[number | null, string]> {
  const { code, stdout, stderr } = await pgtriage(["check", ...args]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^[^\n]+\n$/);
  expect(stdout).not.toContain(SECRET);
  return [code, stdout.trimEnd()];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
