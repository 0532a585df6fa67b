import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings } from "../../src/advice/index.ts";
import { ownSettingWords } from "../../src/advice/own-setting-words.ts";
import { memory } from "../../src/analysis/memory.ts";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { client, testServer, withUser, type TestServer } from "../servers/server.ts";
import { sourceOf } from "./pgtriage.ts";

describe.each([18, 13, 10])("what our own session is set to on PostgreSQL %i", (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await testServer(major, { work_mem: "5MB" });
    const admin = await client(server.url);
    await admin.query("create role watcher login; create role plain login");
    await admin.query("create database shop");
    await admin.query("alter role watcher set work_mem = '256MB'; alter database shop set temp_buffers = '16MB'");
    await admin.query("alter role watcher in database shop set max_parallel_workers_per_gather = 1");
    await admin.query("alter role all set maintenance_work_mem = '32MB'");
    await admin.end();
  });
  afterAll(() => server?.stop());

  async function sampleOf(user: string, database = "postgres", more = ""): Promise<Sample> {
    const source = await sourceOf(withUser(server.url, user).replace(/postgres$/, database) + more);
    try {
      return await source.read();
    } finally {
      source.close();
    }
  }

  function said({ server, ...rest }: Sample): string {
    return ownSettingWords(memory({ server, ...rest }).ours, server);
  }

  test("is told as that, with whose it is", async () => {
    const sample = await sampleOf("watcher");
    expect(sample.server.tuning!.workMemBytes).toBe(256 * 2 ** 20);
    expect(said(sample)).toBe("work_mem 256MB is what role watcher is set to; the server's own is not told");
    expect(said(await sampleOf("watcher", "shop"))).toBe(
      "max_parallel_workers_per_gather 1 is what role watcher in database shop is set to, temp_buffers 16MB is what database shop is set to and work_mem 256MB is what role watcher is set to; the server's own are not told",
    );
    expect(said(await sampleOf("plain", "postgres", "?options=-c%20work_mem%3D3MB"))).toBe(
      "work_mem 3MB is what our connection is set to; the server's own is not told",
    );
  });

  test("is not said of what the server, or all roles, are set to", async () => {
    const sample = await sampleOf("plain");
    expect(memory(sample).ours).toEqual([]);
    expect(sample.server.tuning).toMatchObject({ workMemBytes: 5 * 2 ** 20, maintenanceWorkMemBytes: 32 * 2 ** 20 });
  });

  test("does not make a finding sure", async () => {
    const riskOf = (sample: Sample) => {
      const tuning = { ...sample.server.tuning!, machineBytes: 2 ** 28, machineIs: "machine" as const };
      const last = { ...sample, server: { ...sample.server, tuning } };
      const history = append(emptyHistory(), last);
      const all = findings({ sample: last, history, thresholds: DEFAULT_THRESHOLDS, returned: [] });
      return all.find(({ id }) => id === "memory-risk")!;
    };
    const [ours, plain] = [riskOf(await sampleOf("watcher")), riskOf(await sampleOf("plain"))];
    expect(ours.title).toContain("if all are set as we are");
    expect(ours.next.some(({ sql }) => sql?.startsWith("ALTER SYSTEM SET work_mem") === true)).toBe(false);
    expect(plain.title).not.toContain("as we are");
  });
});
