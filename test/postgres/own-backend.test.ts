import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { ownBackend } from "../../src/source/host/own-backend.ts";
import { eventually } from "../servers/deadline.ts";
import { faultProxy } from "../servers/fault-proxy.ts";
import { serverInNamespace } from "../servers/namespace.ts";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { postmasterPid } from "./host-lane.ts";
import { backendOf, sourceOf } from "./pgtriage.ts";

// Whose process it is can be told where processes can be looked at.
const HAS_PROC = existsSync("/proc/self/stat");

async function sampleBy(url: string): Promise<Sample> {
  const source = await sourceOf(url);
  try {
    await source.read();
    return await source.read({ usage: true });
  } finally {
    source.close();
  }
}

/** Which postmaster a sample takes for that of its server. */
async function postmasterOf(url: string): Promise<number | null> {
  const { usage, server } = await sampleBy(url);
  expect(server.tuning!.machineBytes === null).toBe(usage === null);
  return usage?.postmasterPid ?? null;
}

function socketOf({ socketDir, port }: TestServer): string {
  return `host=${socketDir} port=${port} user=postgres dbname=postgres`;
}

describe.each([10, 13, 18])("a session of PostgreSQL %i on this machine is known as that", (major) => {
  const settings = { cluster_name: "pr od: x", log_hostname: major === 13 ? "on" : "off" };
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer(major, settings);
  });
  afterAll(() => server?.stop());

  test("by TCP, by its socket, and where the port is forwarded", async () => {
    const there = HAS_PROC ? postmasterPid(server) : null;
    expect(await postmasterOf(server.url)).toBe(there);
    expect(await postmasterOf(socketOf(server))).toBe(there);
    const proxy = await faultProxy(server);
    expect(await postmasterOf(`postgres://postgres@${proxy.host}:${proxy.port}/postgres`)).toBe(there);
    await proxy.close();
  });

  test("as a walsender, which is how it comes where no slot is free", async () => {
    const there = HAS_PROC ? postmasterPid(server) : null;
    expect(await postmasterOf(`${socketOf(server)} replication=database`)).toBe(there);
    expect(await postmasterOf(`${socketOf({ ...server, socketDir: server.host })} replication=database`)).toBe(there);
  });

  test("with names that have blanks and letters of no ASCII", async () => {
    const admin = await client(server.url);
    await admin.query(`create role "on ü call" login`);
    await admin.query(`create database "my (1) ü"`);
    await admin.end();
    const there = HAS_PROC ? postmasterPid(server) : null;
    const place = `${encodeURIComponent("on ü call")}@127.0.0.1:${server.port}/${encodeURIComponent("my (1) ü")}`;
    expect(await postmasterOf(`postgres://${place}`)).toBe(there);
  });

  test("with update_process_title off", async () => {
    const silent = await testServer(major, { update_process_title: "off" });
    const there = HAS_PROC ? postmasterPid(silent) : null;
    expect(await postmasterOf(silent.url)).toBe(there);
    expect(await postmasterOf(socketOf(silent))).toBe(there);
    await silent.stop();
  });

  test("and another one is not it, though it had its pid and its start", async () => {
    const source = await sourceOf(server.url);
    const sample = await source.read();
    const own = backendOf(sample, sample.server.ownPid!)!;
    const pids = (): readonly number[] => sample.backends.map(({ pid }) => pid);
    const found = async (other: Partial<Backend>): Promise<number | undefined> =>
      (await ownBackend()({ ...own, ...other }, pids))?.session.pid;
    expect(await found({})).toBe(HAS_PROC ? own.pid : undefined);
    expect(await found({ clientPort: own.clientPort! + 1 })).toBeUndefined();
    expect(await found({ clientPort: -1, clientAddress: null })).toBeUndefined();
    expect(await found({ database: "template1" })).toBeUndefined();
    source.close();
  });
});

test("a server elsewhere whose session has the pid and the start of one of ours is not taken for ours", async () => {
  const place = await serverInNamespace(18);
  // Where the machine does not let us make a namespace, it says so, and there is nothing to be confused with.
  if (typeof place === "string") return expect(place).toMatch(/\w/);
  const server = await testServer(18);
  try {
    const found = await eventually(
      "both with one pid, begun within a second",
      async () => {
        const ours = await client(server.url);
        const pid = await pidOf(ours);
        await place.nextPid(pid);
        // A first try with TLS would be a process of its own.
        const { usage, server: there } = await sampleBy(`${place.url}?sslmode=disable`);
        await ours.end();
        return { pid, there: there.ownPid, usage, machineBytes: there.tuning!.machineBytes };
      },
      ({ pid, there }) => pid === there,
    );
    expect(found).toMatchObject({ usage: null, machineBytes: null });
  } finally {
    await server.stop();
    await place.stop();
  }
});
