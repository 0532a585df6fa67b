import { describe, expect, test } from "vitest";
import type { Tuning } from "../../../src/model/tuning.ts";
import { aSample, aServer, aTuning, backends } from "../builders.ts";
import { aProcess, aSetting, usageOf } from "../memory-sample.ts";
import { said } from "./context.ts";

const ID = "memory-risk";
const GB = 2 ** 30;
const MB = 2 ** 20;
const found = (n: number, tuning: Partial<Tuning>) =>
  said(ID, aSample({ backends: backends(n), server: aServer({ tuning: aTuning(tuning) }) }));

describe("shared memory, what sessions have at rest, two hashes each and for each parallel worker, the postmaster, and maintenance", () => {
  const others = 10 * MB;
  const maintenance = 3 * (10 + 64) * MB + 64 * MB;
  const now = 144 * MB + 10 * (10 * MB + 4 * GB) + others + 8 * (10 * MB + 4 * GB) + maintenance;

  test("just fits", () => {
    expect(found(10, { workMemBytes: GB, machineBytes: now })[0]?.severity).toBe("info");
  });

  test("may not fit by a byte: what sessions that are not measured have is a range, and by its upper end it is a note", () => {
    expect(found(10, { workMemBytes: GB, machineBytes: now - 1 })[0]).toMatchObject({
      severity: "info",
      title: "the 10 sessions there are, all at work, may need 73 GB; the machine has 73 GB",
    });
  });

  test("does not fit by a byte, even with the least that they have", () => {
    const surely = now - 10 * (10 - 2) * MB;
    expect(found(10, { workMemBytes: GB, machineBytes: surely })[0]?.severity).toBe("info");
    expect(found(10, { workMemBytes: GB, machineBytes: surely - 1 })[0]?.severity).toBe("warning");
  });

  test("the workers of all sessions together are not more than max_parallel_workers", () => {
    const least = 144 * MB + 10 * (10 * MB + 4 * GB) + others + maintenance;
    expect(found(10, { workMemBytes: GB, machineBytes: least, maxParallelWorkers: 0 })[0]?.severity).toBe("info");
  });
});

test("as many sessions as may come, where those that are here are no risk", () => {
  const [finding] = found(10, { workMemBytes: 128 * MB, machineBytes: 16 * GB });
  expect(finding).toMatchObject({
    severity: "info",
    title: "max_connections = 100 sessions, all at work, would need 55 GB and more; the machine has 16 GB",
    sessions: [],
  });
  expect(finding!.next[1]!.sql).toBe("ALTER SYSTEM SET work_mem = '34MB';");
  expect(found(10, { workMemBytes: 34 * MB, machineBytes: 16 * GB })).toEqual([]);
  expect(found(10, { workMemBytes: 35 * MB, machineBytes: 16 * GB })).toHaveLength(1);
});

test("what roles and databases have of their own counts", () => {
  const override = (role: string | null, database: string | null, value: string) => ({
    role,
    database,
    name: "work_mem",
    value,
  });
  const machineBytes = 16 * GB;
  expect(found(10, { machineBytes })).toEqual([]);
  expect(found(10, { machineBytes, overrides: [override("report", null, "4GB")] })).toEqual([]);
  const [finding] = found(10, { machineBytes, overrides: [override("app", null, "4GB")] });
  expect(finding!.severity).toBe("warning");
  expect(finding!.evidence).toContain("work_mem of its own: app 4GB");
  const less = [override("app", null, "4GB"), override("app", "shop", "1MB")];
  expect(found(10, { machineBytes, overrides: less })).toEqual([]);
});

test("the inputs are shown", () => {
  const [finding] = found(10, { workMemBytes: GB, machineBytes: 16 * GB });
  expect(finding!.evidence.slice(0, 3)).toEqual([
    "144 MB shared, 10 MB for each session, 2 sorts or hashes of work_mem 1.0 GB each, a hash 2 times that",
    "8 parallel workers for all; 3 autovacuum workers of 64 MB, 1 command by hand of 64 MB",
    "73 GB with the 10 sessions there are, 433 GB with 100",
  ]);
});

test("what our own role is set to is not what everybody has: nothing is sure, and no value for the others is proposed", () => {
  const settings = [
    aSetting("work_mem", String(MB), { unit: "kB", source: "user" }),
    aSetting("hash_mem_multiplier", "2", { source: "database user" }),
    aSetting("maintenance_work_mem", "65536", { unit: "kB", source: "client" }),
    aSetting("temp_buffers", "1024", { unit: "8kB", source: "user" }),
  ];
  const [finding] = found(10, { workMemBytes: GB, machineBytes: 16 * GB, settings });
  expect(finding).toMatchObject({
    severity: "info",
    title: "the 10 sessions there are, all at work, may need 73 GB if all are set as we are; the machine has 16 GB",
  });
  expect(finding!.evidence).toContain(
    "work_mem 1GB is what role monitor is set to, hash_mem_multiplier 2 is what role monitor in database shop is set to and maintenance_work_mem 64MB is what our connection is set to; the server's own are not told",
  );
  expect(finding!.next.map(({ sql }) => sql).join()).toContain(
    "WHERE name IN ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem')",
  );
  // Temporary tables are in no sum.
  expect(found(10, { workMemBytes: GB, machineBytes: 16 * GB, settings: settings.slice(3) })[0]!.severity).toBe(
    "warning",
  );
});

test("what limits the server may be its control group", () => {
  const [finding] = found(10, { workMemBytes: GB, machineBytes: 16 * GB, machineIs: "control group" });
  expect(finding!.title).toContain("; the control group has 16 GB");
});

test("sessions that are measured count with what they have", () => {
  const machineBytes = 4 * GB;
  expect(found(10, { machineBytes })).toEqual([]);
  const usage = usageOf(backends(10).map(({ pid }) => aProcess(pid, 400)));
  const sample = aSample({ backends: backends(10), usage, server: aServer({ tuning: aTuning({ machineBytes }) }) });
  expect(said(ID, sample)[0]).toMatchObject({ severity: "warning" });
});

test("a machine that is not known has no limit that could be passed", () => {
  expect(found(90, { workMemBytes: 64 * GB, machineBytes: null })).toEqual([]);
  expect(said(ID, aSample({ server: aServer({ tuning: null }) }))).toEqual([]);
});
