import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fullServer, MAX_CONNECTIONS, type FullServer } from "../servers/full-server.ts";
import { pgtriage } from "./pgtriage.ts";

/** `snapshot --format json`, with more flags. */
async function snapshot(url: string, ...flags: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await pgtriage(["snapshot", url, "--format", "json", ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Told;
}

interface Told {
  readonly slots: { readonly walsenders: unknown };
  readonly backends: readonly { readonly pid: number; readonly application: string | null }[];
}

async function check(url: string, ...flags: readonly string[]): Promise<readonly [number | null, string]> {
  const { code, stdout } = await pgtriage(["check", url, ...flags]);
  return [code, stdout];
}

describe.each([12, 13, 14, 15, 16, 17, 18])("PostgreSQL %i, every slot taken", (major) => {
  let server: FullServer;
  beforeAll(async () => {
    server = await fullServer(major);
  });
  afterAll(() => server?.close());

  test("a snapshot comes by the walsender lane, says so, and takes no slot", async () => {
    for (const role of ["postgres", "rescue"]) {
      const told = await snapshot(server.as(role));
      expect(told).toMatchObject({
        lane: "walsender",
        reserve: null,
        closedLanes: [{ lane: "normal", why: expect.stringMatching(/^Every connection slot of /) }],
        server: { user: role },
        slots: { used: MAX_CONNECTIONS, max: MAX_CONNECTIONS, free: { app: 0, superuser: 0 }, level: "critical" },
        rights: { seeAll: true, cancel: true, terminate: true, hiddenBackends: 0 },
      });
      expect(told.slots.walsenders).toEqual({ used: 1, max: 3 });
      expect(told.backends.filter(({ application }) => application === "leaky")).toHaveLength(server.leakers.length);
    }
  });

  test("so does a check, which is CRITICAL", async () => {
    const [code, line] = await check(server.as("rescue"));
    expect(code).toBe(2);
    expect(line).toMatch(/^PGTRIAGE CRITICAL - .*none left \(by the walsender lane\) \| app_used=\d+;/);
  });

  test("an ordinary role with --rescue comes by the walsender lane of that role", async () => {
    const told = await snapshot(server.as("app"), "--rescue", "user=rescue");
    expect(told).toMatchObject({ lane: "walsender", server: { user: "rescue" } });
  });

  test("an ordinary role alone looks from the machine itself; what that does not tell is null", async () => {
    const told = await snapshot(server.as("app"));
    expect(told).toMatchObject({
      lane: "host",
      server: { database: null, version: String(major) },
      slots: { used: MAX_CONNECTIONS, max: MAX_CONNECTIONS, level: "critical", halfOpen: 0 },
    });
    const leaker = told.backends.find(({ pid }) => pid === server.leakers[0]!.pid);
    expect(leaker).toMatchObject({
      user: "app",
      database: "postgres",
      application: null,
      state: "idle",
      backendXid: null,
      queryId: null,
      stateSeconds: null,
      xactSeconds: null,
    });
  });

  test("--lane normal is refused, --lane rescue too, each by one sentence", async () => {
    const normal = await pgtriage(["snapshot", server.as("app"), "--lane", "normal"]);
    expect(normal).toMatchObject({ code: 1, stdout: "" });
    expect(normal.stderr).toMatch(/^pgtriage: Every connection slot of .* is taken, the reserved ones too\..*\n$/);
    const rescue = await pgtriage(["snapshot", server.as("app"), "--lane", "rescue", "--rescue", "user=postgres"]);
    expect(rescue.code).toBe(1);
    const none = await pgtriage(["snapshot", server.as("app"), "--lane", "rescue"]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("--lane rescue needs --rescue CONNINFO") });
  });
});

describe.each([10, 11])("PostgreSQL %i, every slot taken", (major) => {
  let server: FullServer;
  beforeAll(async () => {
    server = await fullServer(major);
  });
  afterAll(() => server?.close());

  test("walsenders share the slots: a superuser too looks from the machine itself", async () => {
    expect(await snapshot(server.url)).toMatchObject({
      lane: "host",
      slots: { used: MAX_CONNECTIONS, max: MAX_CONNECTIONS, level: "critical" },
    });
    const [code, line] = await check(server.url);
    expect([code, line]).toEqual([2, expect.stringMatching(/none left \(by the host lane\)/)]);
  });
});

describe("PostgreSQL 18, a slot is left for superusers", () => {
  let server: FullServer;
  beforeAll(async () => {
    server = await fullServer(18);
    await server.superusers.at(-1)!.end();
  });
  afterAll(() => server?.close());

  test("a superuser sits in the reserve, and which one is said", async () => {
    expect(await snapshot(server.url)).toMatchObject({ lane: "reserved", reserve: { name: "superuser", left: 0 } });
  });

  test("--rescue leads an ordinary role there, before the walsender lane is tried", async () => {
    expect(await snapshot(server.as("app"), "--rescue", "user=postgres")).toMatchObject({
      lane: "rescue",
      server: { user: "postgres" },
    });
  });
});
