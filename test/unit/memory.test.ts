import { describe, expect, test } from "vitest";
import { demand } from "../../src/analysis/demand.ts";
import { memory } from "../../src/analysis/memory.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Override, Tuning } from "../../src/model/tuning.ts";
import { memoryRecord } from "../../src/report/memory.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer, aTuning, backends } from "./builders.ts";
import { aMeasuredSample, aProcess, aSetting, GB, KB, MB, usageOf } from "./memory-sample.ts";

function withTuning(tuning: Partial<Tuning>, given: Partial<Sample> = {}, major = 18): Sample {
  return aSample({ backends: backends(10), server: aServer({ major, tuning: aTuning(tuning) }), ...given });
}

const own = (role: string | null, database: string | null, name: string, value: string): Override => ({
  role,
  database,
  name,
  value,
});

describe("the sum of 10 sessions that nobody has measured, on a server as it comes", () => {
  const { now, full } = memory(withTuning({}));

  test("has these parts", () => {
    expect(now).toEqual({
      sessions: 10,
      sharedBytes: 144 * MB,
      restingBytes: 10 * 10 * MB,
      // The postmaster alone.
      othersBytes: 10 * MB,
      workBytes: 10 * 2 * 4 * MB * 2,
      parallel: { workers: 8, bytes: 8 * (10 * MB + 2 * 4 * MB * 2) },
      maintenanceBytes: 3 * (10 * MB + 64 * MB) + 64 * MB,
      totalBytes: (144 + 100 + 10 + 160 + 208 + 286) * MB,
      temporaryBytes: 10 * 8 * MB,
    });
  });

  test("and with every slot in use", () => {
    expect(full).toMatchObject({
      sessions: 100,
      restingBytes: 100 * 10 * MB,
      workBytes: 100 * 2 * 4 * MB * 2,
      totalBytes: (144 + 1000 + 10 + 1600 + 208 + 286) * MB,
    });
  });
});

describe("shared memory", () => {
  test("is what the server reports from 15 on", () => {
    expect(memory(withTuning({}, {}, 15)).shared).toEqual({ bytes: 144 * MB, about: false });
  });

  test("is reckoned by shared_buffers before, and said as about", () => {
    expect(memory(withTuning({ sharedBytes: 1000 * MB }, {}, 14)).shared).toEqual({
      bytes: 1100 * MB + 100 * 54 * KB,
      about: true,
    });
  });
});

describe("parallel workers", () => {
  const workers = (tuning: Partial<Tuning>): number | undefined => memory(withTuning(tuning)).now?.parallel.workers;

  test.each([
    ["as many as sessions may have", { maxParallelWorkers: 64 }, 20],
    ["no more than max_parallel_workers", {}, 8],
    ["no more than max_worker_processes", { settings: [aSetting("max_worker_processes", "3")] }, 3],
    ["none where no session may have any", { maxParallelWorkersPerGather: 0 }, 0],
  ])("%s", (_, tuning, expected) => {
    expect(workers(tuning)).toBe(expected);
  });

  test("are at the worst those of the sessions with the most work_mem, and of these no more than they may have", () => {
    const overrides = [own("report", null, "work_mem", "1GB")];
    const sample = withTuning({ overrides }, { backends: [...backends(9), aBackend({ pid: 1, user: "report" })] });
    expect(memory(sample).now).toMatchObject({
      workBytes: 9 * 2 * 4 * MB * 2 + 2 * GB * 2,
      parallel: { workers: 8, bytes: 8 * 10 * MB + 2 * (2 * GB * 2) + 6 * (2 * 4 * MB * 2) },
    });
  });
});

describe("what roles and databases have of their own", () => {
  const overrides = [
    own("app", null, "work_mem", "64MB"),
    own("app", "shop", "work_mem", "32MB"),
    own(null, "shop", "hash_mem_multiplier", "4"),
    own(null, "shop", "temp_buffers", "2048"),
    own("app", null, "max_parallel_workers_per_gather", "0"),
    own("app", null, "statement_timeout", "5s"),
  ];
  const { now, full, overrides: named } = memory(withTuning({ overrides }));

  test("decides about their sessions", () => {
    expect(now).toMatchObject({
      workBytes: 10 * 2 * 32 * MB * 4,
      parallel: { workers: 0, bytes: 0 },
      temporaryBytes: 10 * 2048 * 8 * KB,
    });
  });

  test("is taken for those that are not here yet as well, on average", () => {
    expect(full!.workBytes).toBe(100 * 2 * 32 * MB * 4);
  });

  test("is named, as far as it is about memory", () => {
    expect(named.map(({ name }) => name)).not.toContain("statement_timeout");
    expect(named).toHaveLength(5);
  });

  test("decides about hidden sessions too: their names are seen", () => {
    const hidden = withTuning({ overrides }, { backends: [aHiddenBackend()] });
    expect(memory(hidden).now).toMatchObject({ sessions: 1, workBytes: 2 * 32 * MB * 4 });
  });
});

describe("what is measured", () => {
  test("is told of the sessions with its sum, its median and the largest", () => {
    expect(memory(aMeasuredSample()).sessions).toEqual({
      processes: 20,
      lowBytes: (2 * 12.5 + 17 * 1.5 + 262) * MB,
      highBytes: (2 * 12.5 + 17 * 1.5 + 262) * MB,
      measured: {
        processes: 20,
        sumBytes: (2 * 12.5 + 17 * 1.5 + 262) * MB,
        medianBytes: 1.5 * MB,
        largestBytes: 262 * MB,
        how: "measured",
      },
    });
  });

  test("takes the place of what is taken for granted: of a session at work, beyond 10 MB it counts as its sorts, once", () => {
    expect(memory(aMeasuredSample()).now).toMatchObject({
      restingBytes: (2 * 12.5 + 17 * 1.5 + 10) * MB,
      // Its two hashes of 64 MB may come to 256 MB, which is more than the 252 MB that it has.
      workBytes: 19 * 2 * 4 * MB * 2 + 2 * 64 * MB * 2,
      othersBytes: (3 + 1 + 2) * MB,
    });
  });

  test("of a session that has taken more than it should, all of it counts", () => {
    const greedy = aBackend({ pid: 5, state: "active" });
    const { now } = memory(withTuning({}, { backends: [greedy], usage: usageOf([aProcess(5, 900)]) }));
    expect(now).toMatchObject({ restingBytes: 10 * MB, workBytes: 890 * MB });
  });

  test("of a session that rests, all of it stays, whatever it may sort", () => {
    const { now } = memory(withTuning({}, { backends: [aBackend({ pid: 5 })], usage: usageOf([aProcess(5, 900)]) }));
    expect(now).toMatchObject({ restingBytes: 900 * MB, workBytes: 2 * 4 * MB * 2 });
  });

  test("of some leaves the range for the others, and one that is at most so much makes all of them so", () => {
    const usage = usageOf([aProcess(1000, 4), aProcess(1001, 6, { memoryHow: "at most" }), aProcess(1002, null)]);
    const { sessions } = memory(withTuning({}, { usage }));
    expect(sessions).toMatchObject({
      lowBytes: (4 + 6 + 8 * 2) * MB,
      highBytes: (4 + 6 + 8 * 10) * MB,
      measured: { processes: 2, how: "at most" },
    });
  });

  test("of workers takes the place of what they may take, where it is more", () => {
    const workers = [anAuxiliary("parallel worker", 50), anAuxiliary("autovacuum worker", 51)];
    const usage = usageOf([aProcess(50, 3000), aProcess(51, 4000)]);
    expect(memory(withTuning({}, { backends: workers, usage })).now).toMatchObject({
      othersBytes: 0,
      parallel: { bytes: 3000 * MB },
      maintenanceBytes: (4000 + 64) * MB,
    });
  });

  test("with many tables seen by most of them, new ones will be as large", () => {
    const usage = usageOf(backends(10).map(({ pid }) => aProcess(pid, 20)));
    expect(memory(withTuning({}, { usage })).full!.restingBytes).toBe(100 * 20 * MB);
  });
});

/** As on a real server: what is measured in test/postgres/memory.test.ts. */
describe.each([
  ["nobody measures", false],
  ["all are measured", true],
])("of 200 idle sessions, 10 that have seen many tables and 3 that sort, where %s", (_, isMeasured) => {
  const idle = backends(200);
  const sorting = Array.from({ length: 3 }, (_, i) => aBackend({ pid: 3000 + i, state: "active", user: "sorter" }));
  // A sort with its memory full, and a hash that may have twice as much.
  const measured = [
    ...idle.map(({ pid }) => aProcess(pid, pid < 1010 ? 13 : 2)),
    ...[258, 258, 514].map((mb, i) => aProcess(3000 + i, mb)),
  ];
  const truth = measured.reduce((sum, { memoryBytes }) => sum + memoryBytes!, 0);
  const { now } = memory(
    aSample({
      backends: [...idle, ...sorting],
      usage: isMeasured ? usageOf(measured) : null,
      server: aServer({
        maxConnections: 300,
        tuning: aTuning({ overrides: [own("sorter", null, "work_mem", "256MB")] }),
      }),
    }),
  );

  test("the estimate is not below", () => {
    expect(now!.restingBytes + now!.workBytes).toBeGreaterThanOrEqual(truth);
  });
});

describe("fewer sessions than there are", () => {
  const sample = aMeasuredSample();
  const { facts } = memory(sample);

  test("are those that may take the most", () => {
    expect(demand(facts!, 2)).toMatchObject({
      sessions: 2,
      restingBytes: 2 * 12.5 * MB,
      workBytes: 2 * 64 * MB * 2 + 2 * 4 * MB * 2,
      parallel: { workers: 4, bytes: 4 * 10 * MB + 2 * (2 * 64 * MB * 2) + 2 * (2 * 4 * MB * 2) },
    });
  });

  test("never take more than all of them", () => {
    const sums = Array.from({ length: 130 }, (_, n) => demand(facts!, n).totalBytes);
    expect(sums).toEqual(sums.toSorted((a, b) => a - b));
  });
});

test("the formula of old gives each connection workers of its own, of which there are 8 for all", () => {
  expect(memory(withTuning({})).seed).toEqual({
    bytes: 4 * MB * 2 * (1 + 2) * 100,
    connections: 100,
    processesOfQuery: 3,
    cappedBytes: 4 * MB * 2 * (100 + 8),
    workers: 8,
  });
});

test("on a standby there is no autovacuum", () => {
  const server = aServer({ role: "standby" });
  expect(memory(aSample({ server })).now).toMatchObject({ maintenanceBytes: 0 });
});

test("autovacuum_worker_slots has the last word about autovacuum_max_workers", () => {
  const settings = [aSetting("autovacuum_worker_slots", "2")];
  expect(memory(withTuning({ autovacuumMaxWorkers: 9, settings })).now!.maintenanceBytes).toBe(
    2 * (10 + 64) * MB + 64 * MB,
  );
});

test("our own session is one of the other processes", () => {
  const sample = withTuning({}, { backends: [...backends(3), aBackend({ pid: 99 })] });
  expect(memory(sample)).toMatchObject({ now: { sessions: 3 }, others: { processes: 2 } });
});

test("without SQL only what is measured is known", () => {
  const server = aServer({ lane: "host", tuning: null });
  const known = memory(
    aSample({ server, backends: backends(2), usage: usageOf([aProcess(1000, 2), aProcess(1001, 3)]) }),
  );
  expect(known).toMatchObject({ shared: null, now: null, full: null, seed: null, machine: null });
  expect(known.sessions.measured).toMatchObject({ processes: 2, sumBytes: 5 * MB });
  expect(memoryRecord(aSample({ server }))).toBeNull();
});

test("more operations of a query are more of work_mem", () => {
  expect(memory(withTuning({}), 5).now!.workBytes).toBe(10 * 5 * 4 * MB * 2);
});

test("for scripts, with all that it rests on", () => {
  const record = memoryRecord(aMeasuredSample()) as { worstCaseBytes: number };
  expect(record).toMatchObject({
    sharedBytes: 144 * MB,
    perBackendBytes: { low: 2 * MB, high: 10 * MB, measured: Math.round(((2 * 12.5 + 17 * 1.5 + 262) / 20) * MB) },
    machineBytes: 16 * GB,
    inputs: {
      machineIs: "machine",
      sharedIs: "reported",
      operationsPerQuery: 2,
      workMemBytes: 4 * MB,
      maxConnections: 100,
      overrides: [{ role: "report", name: "work_mem", value: "64MB" }],
      now: { sessions: 20 },
      worstCase: { sessions: 100, parallelWorkers: 8 },
      seedFormulaBytes: 2400 * MB,
    },
  });
  expect(record.worstCaseBytes).toBe(memory(aMeasuredSample()).full!.totalBytes);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect(memoryRecord(withTuning({}))).toMatchObject({ perBackendBytes: { measured: null }, machineBytes: null });
});
