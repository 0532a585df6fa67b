import { describe, expect, test } from "vitest";
import { NO_WISH, type WhatIf } from "../../src/analysis/outlook.ts";
import type { Concurrency } from "../../src/analysis/pool-size.ts";
import { whatIf, type WhatIfAnswer } from "../../src/analysis/what-if.ts";
import { poolWords } from "../../src/analysis/pool-words.ts";
import { RELOAD } from "../../src/text/statements.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Tuning } from "../../src/model/tuning.ts";
import { aSample, aServer, aTuning, backends } from "./builders.ts";
import { aMeasuredSample, aSetting, GB, KB, MB } from "./memory-sample.ts";

/** 80 sessions on 100 slots of PostgreSQL 18 as it comes, 3 + 3 of them reserved. */
function aServerAsItComes(tuning: Partial<Tuning> = {}, server: Parameters<typeof aServer>[0] = {}): Sample {
  const given = { machineBytes: 16 * GB, machineIs: "machine" as const, ...tuning };
  return aSample({ backends: backends(80), server: aServer({ tuning: aTuning(given), ...server }) });
}

function answer(wish: Partial<WhatIf>, sample = aServerAsItComes(), seen: Concurrency | null = null): WhatIfAnswer {
  return whatIf(sample, seen, { ...NO_WISH, ...wish })!;
}

// shared + sessions at rest + the postmaster + two hashes each + parallel workers with the same + three autovacuum workers and a command by hand
const MAINTENANCE = 3 * (10 + 64) + 64;
const NOW = 144 + 100 * 10 + 10 + 100 * (2 * 4 * 2) + 8 * (10 + 2 * 4 * 2) + MAINTENANCE;

describe("the worst case, in megabytes: with every slot in use", () => {
  test.each<[string, Partial<WhatIf>, number]>([
    ["as it is", {}, NOW],
    [
      "200 connections, for each of which shared memory has 54 kB",
      { connections: 200 },
      144 + (100 * 54) / 1024 + 200 * 10 + 10 + 200 * (2 * 4 * 2) + 8 * (10 + 2 * 4 * 2) + MAINTENANCE,
    ],
    [
      "50 connections, fewer than there are sessions",
      { connections: 50 },
      144 - (50 * 54) / 1024 + 50 * 10 + 10 + 50 * (2 * 4 * 2) + 8 * (10 + 2 * 4 * 2) + MAINTENANCE,
    ],
    [
      "work_mem of 16 MB",
      { workMemBytes: 16 * MB },
      144 + 100 * 10 + 10 + 100 * (2 * 16 * 2) + 8 * (10 + 2 * 16 * 2) + MAINTENANCE,
    ],
    ["no parallel workers", { parallelWorkers: 0 }, 144 + 100 * 10 + 10 + 100 * (2 * 4 * 2) + MAINTENANCE],
    [
      "32 parallel workers",
      { parallelWorkers: 32 },
      144 + 100 * 10 + 10 + 100 * (2 * 4 * 2) + 32 * (10 + 2 * 4 * 2) + MAINTENANCE,
    ],
    [
      "more parallel workers than 100 queries may have, which is 2 each",
      { parallelWorkers: 1000 },
      144 + 100 * 10 + 10 + 100 * (2 * 4 * 2) + 200 * (10 + 2 * 4 * 2) + MAINTENANCE,
    ],
    [
      "400 connections with a quarter of work_mem, and 4 parallel workers",
      { connections: 400, workMemBytes: MB, parallelWorkers: 4 },
      144 + (300 * 54) / 1024 + 400 * 10 + 10 + 400 * (2 * 1 * 2) + 4 * (10 + 2 * 1 * 2) + MAINTENANCE,
    ],
    ["a pool does not change it: somebody else may connect", { poolSize: 20 }, NOW],
  ])("%s", (_, wish, megabytes) => {
    const { now, wished } = answer(wish);
    expect(now.memory.full.totalBytes).toBe(NOW * MB);
    expect(wished.memory.full.totalBytes).toBe(megabytes * MB);
  });
});

describe("with a pool, in megabytes: all its sessions at work", () => {
  test.each<[string, Partial<WhatIf>, number]>([
    ["of 20", { poolSize: 20 }, 144 + 20 * 10 + 10 + 20 * (2 * 4 * 2) + 8 * (10 + 2 * 4 * 2) + MAINTENANCE],
    [
      "of 3, which have no more than 6 workers",
      { poolSize: 3 },
      144 + 3 * 10 + 10 + 3 * (2 * 4 * 2) + 6 * (10 + 2 * 4 * 2) + MAINTENANCE,
    ],
    [
      "of 20, with 64 MB each and no parallel workers",
      { poolSize: 20, workMemBytes: 64 * MB, parallelWorkers: 0 },
      144 + 20 * 10 + 10 + 20 * (2 * 64 * 2) + MAINTENANCE,
    ],
  ])("%s", (_, wish, megabytes) => {
    expect(answer(wish).now.pooled).toBeNull();
    expect(answer(wish).wished.pooled!.totalBytes).toBe(megabytes * MB);
  });
});

test("before 15 shared memory is reckoned anew by its formula", () => {
  const old = aServerAsItComes({ sharedBytes: 1000 * MB }, { major: 13 });
  expect(answer({ connections: 200 }, old).wished.memory.shared).toEqual({
    bytes: 1100 * MB + 200 * 54 * KB,
    about: true,
  });
});

test("a role with a work_mem of its own keeps it", () => {
  const { now, wished } = answer({ workMemBytes: 4 * GB, poolSize: 1 }, aMeasuredSample());
  expect(wished.memory.now!.workBytes - now.memory.now!.workBytes).toBe(19 * 2 * (4 * GB - 4 * MB) * 2);
});

describe("the slots", () => {
  test.each<[string, Partial<WhatIf>, object]>([
    ["as they are: 80 of 94", {}, { connections: 100, app: 94, used: 80, level: "warn" }],
    ["120 connections", { connections: 120 }, { connections: 120, app: 114, used: 80, level: "ok" }],
    ["82 connections", { connections: 82 }, { connections: 82, app: 76, used: 80, level: "critical" }],
    ["through a pool of 20", { poolSize: 20 }, { connections: 100, app: 94, used: 20, level: "ok" }],
    ["through a pool of 90", { poolSize: 90 }, { connections: 100, app: 94, used: 90, level: "critical" }],
  ])("%s", (_, wish, expected) => {
    expect(answer(wish).wished).toMatchObject(expected);
  });

  test("by the thresholds that somebody has chosen", () => {
    const wish = { ...NO_WISH, connections: 120 };
    expect(whatIf(aServerAsItComes(), null, wish, { warn: 50, critical: 90 })!.wished.level).toBe("warn");
  });
});

describe("refused", () => {
  const why = (wish: Partial<WhatIf>, sample = aServerAsItComes()): Record<string, string> =>
    Object.fromEntries(answer(wish, sample).refused.map((one) => [one.field, one.why]));

  test.each<[string, Partial<WhatIf>, Record<string, string>]>([
    ["no connections", { connections: 0 }, { connections: "the least is 1" }],
    [
      "as many as are reserved",
      { connections: 6 },
      { connections: "6 of them are reserved: with fewer than 7 the server does not start" },
    ],
    ["not one more than that", { connections: 7 }, {}],
    ["more than PostgreSQL knows", { connections: 300_000 }, { connections: "the most is 262143" }],
    ["half a connection", { connections: 99.5 }, { connections: "it has to be a whole number" }],
    ["hardly any work_mem", { workMemBytes: 32 * KB }, { workMemBytes: "the least is 64 kB" }],
    ["a work_mem of more than the machine", { workMemBytes: 17 * GB }, { workMemBytes: "the machine has 16 GB" }],
    [
      "what may outgrow the machine",
      { workMemBytes: GB },
      { workMemBytes: "with every slot in use and at work it could take 433 GB, and the machine has 16 GB" },
    ],
    ["not where there are fewer to do it", { workMemBytes: 128 * MB, connections: 20 }, {}],
    ["nor through a pool", { workMemBytes: 128 * MB, poolSize: 20 }, {}],
    ["a pool of nobody", { poolSize: 0 }, { poolSize: "the least is 1" }],
    ["a pool that gets no connections", { poolSize: 95 }, { poolSize: "ordinary roles get 94 of the 100 connections" }],
    ["not where there will be enough of them", { poolSize: 95, connections: 101 }, {}],
    ["minus one worker", { parallelWorkers: -1 }, { parallelWorkers: "the least is 0" }],
  ])("%s", (_, wish, expected) => {
    expect(why(wish)).toEqual(expected);
  });

  test.each([
    [
      10,
      10,
      {
        connections:
          "3 of them are reserved, and max_wal_senders = 10 come out of them: with fewer than 11 the server does not start",
      },
    ],
    [10, 11, {}],
    [
      11,
      13,
      {
        connections:
          "3 of them are reserved, and max_wal_senders = 10 come out of them: with fewer than 14 the server does not start",
      },
    ],
    [11, 14, {}],
    [12, 4, {}],
  ])("walsenders on PostgreSQL %i, with %i connections", (major, connections, expected) => {
    expect(why({ connections }, aServerAsItComes({}, { major, reserved: 0 }))).toEqual(expected);
  });

  test("less of it never, even where there is too much already", () => {
    const small = aServerAsItComes({ machineBytes: GB });
    expect(why({ connections: 90 }, small)).toEqual({});
    expect(Object.keys(why({ connections: 110 }, small))).toEqual(["connections"]);
  });

  test("where nobody knows the machine, not for want of memory", () => {
    expect(why({ workMemBytes: GB }, aServerAsItComes({ machineBytes: null, machineIs: null }))).toEqual({});
  });

  test("what is refused has no statement", () => {
    const { steps } = answer({ connections: 6, parallelWorkers: 4 });
    expect(steps.map(({ field, statements }) => [field, ...statements])).toEqual([
      ["parallelWorkers", "ALTER SYSTEM SET max_parallel_workers = '4';", RELOAD],
      ["connections"],
    ]);
  });
});

const SEEN: Concurrency = {
  average: 5,
  p95: 12,
  most: 17,
  samples: 1200,
  seconds: 3000,
  inTransaction: 0,
  parallelWorkers: { average: 0, most: 0 },
  unseen: null,
};

describe("what to do", () => {
  test("begins with a pool, and max_connections comes last", () => {
    const all = answer({ connections: 120, workMemBytes: 8 * MB, parallelWorkers: 4, poolSize: 30 });
    expect(all.steps.map(({ field, takes, statements }) => [field, takes, ...statements])).toEqual([
      ["poolSize", null],
      ["parallelWorkers", "reload", "ALTER SYSTEM SET max_parallel_workers = '4';", RELOAD],
      ["workMemBytes", "reload", "ALTER SYSTEM SET work_mem = '8MB';", RELOAD],
      ["connections", "restart", "ALTER SYSTEM SET max_connections = '120';"],
    ]);
  });

  test("is a pool before more connections, also where nobody has asked for one", () => {
    const { steps } = answer({ connections: 120 }, aServerAsItComes(), SEEN);
    expect(steps.map(({ field }) => field)).toEqual(["poolSize", "connections"]);
    expect(steps[0]!.text).toContain(
      "default_pool_size = 18; 12 at work in 95 of 100 samples, 17 at most, in the last 50 min",
    );
  });

  test("says so where PgBouncer would make several pools of that size", () => {
    const sample = aServerAsItComes();
    const two = sample.backends.map((backend, i) => (i % 2 === 0 ? backend : { ...backend, database: "archive" }));
    const { steps } = answer({ poolSize: 30 }, { ...sample, backends: two });
    expect(steps[0]!.text).toContain("30 backends for all 2 pairs of role and database together; ");
    expect(answer({ poolSize: 30 }, sample).steps[0]!.text).toContain("default_pool_size = 30; ");
  });

  test("names no size that nobody knows, and asks nobody to make do with it", () => {
    const blind: Concurrency = { ...SEEN, p95: 0, unseen: { sessions: 5, why: "hidden" } };
    const sample = aServerAsItComes({}, { user: "watcher" });
    const two = sample.backends.map((backend, i) => (i % 2 === 0 ? backend : { ...backend, database: "archive" }));
    const because =
      "first a pool: PgBouncer with pool_mode = transaction; how many backends it needs is unknown, because what 5 sessions do is hidden: GRANT pg_monitor TO watcher; 1000 clients do well on 20 to 50 backends";
    expect(answer({ connections: 120 }, sample, blind).steps[0]!.text).toBe(because);
    expect(answer({ connections: 120 }, { ...sample, backends: two }, blind).steps[0]!.text).toBe(because);
    expect(answer({ poolSize: 1 }, { ...sample, backends: two }, SEEN).steps[0]!.text).toContain(
      "1 backend for all 2 pairs",
    );
  });

  test("is no pool for fewer connections, and nothing where nothing is asked", () => {
    expect(answer({ connections: 90 }).steps.map(({ field }) => field)).toEqual(["connections"]);
    expect(answer({}).steps).toEqual([]);
  });

  test("are none for what has become so meanwhile", () => {
    expect(answer({ connections: 100, workMemBytes: 4 * MB, parallelWorkers: 8 }).steps).toEqual([]);
  });

  test("goes by what pg_settings says of the setting", () => {
    const settings = [
      aSetting("max_connections", "100", { context: "postmaster", pendingRestart: true }),
      aSetting("max_worker_processes", "8", { context: "postmaster" }),
    ];
    const { steps } = answer({ connections: 90, parallelWorkers: 16 }, aServerAsItComes({ settings }));
    expect(steps[0]!.text).toContain("no more than max_worker_processes = 8 can run");
    expect(steps[1]).toMatchObject({ takes: "restart", waits: true });
  });

  test("has no statement that does nothing, where the command line has the setting", () => {
    const fixed = (name: string, value: string, context: string) =>
      aSetting(name, value, { context, pendingRestart: context === "postmaster", source: "command line" });
    const settings = [fixed("max_connections", "100", "postmaster"), fixed("work_mem", "4096", "user")];
    const { steps } = answer({ connections: 90, workMemBytes: 8 * MB }, aServerAsItComes({ settings }));
    expect(steps).toMatchObject([
      { field: "workMemBytes", takes: null, waits: false, statements: ["ALTER ROLE ALL SET work_mem = '8MB';"] },
      { field: "connections", takes: "restart", waits: false, statements: [] },
    ]);
    expect(steps[0]!.text).toContain("command line, which ALTER SYSTEM does not change; ALTER ROLE ALL goes before it");
    expect(steps[1]!.text).toContain("change it where the server is started from (Patroni's own configuration,");
  });

  test("says who has a work_mem of his own, and what a standby has to do with max_connections", () => {
    expect(answer({ workMemBytes: MB }, aMeasuredSample()).steps[0]!.text).toContain(
      "one role or database has its own and keeps it",
    );
    const standby = aServerAsItComes({}, { role: "standby" });
    expect(answer({ connections: 90 }, standby).steps[0]!.text).toContain("must not be less than on its primary");
  });
});

describe("what the size of a pool rests on", () => {
  test.each<[string, Concurrency | null, string]>([
    [
      "a good look",
      SEEN,
      "12 at work in 95 of 100 samples, 17 at most, in the last 50 min: with half as many again that is 18; ",
    ],
    ["a look of some minutes", { ...SEEN, seconds: 320 }, "that is 18, which were seen for 5 min only; "],
    [
      "too short a look",
      { ...SEEN, seconds: 9, samples: 10 },
      "how many backends it needs is not known yet: seen for 9 s only; 1000 clients do well on 20 to 50 backends",
    ],
    [
      "too few samples",
      { ...SEEN, seconds: 540, samples: 10 },
      "how many backends it needs is not known yet: seen for 9 min, in 10 samples only; 1000 clients",
    ],
    [
      "hidden sessions",
      { ...SEEN, p95: 0, unseen: { sessions: 5, why: "hidden" } },
      'how many backends it needs is unknown, because what 5 sessions do is hidden: GRANT pg_monitor TO "Mo"; 1000 clients',
    ],
    [
      "a role that could not see others",
      { ...SEEN, unseen: { sessions: 0, why: "hidden" } },
      "unknown, because what sessions of other roles do is hidden: GRANT",
    ],
    [
      "sessions that tell nothing",
      { ...SEEN, unseen: { sessions: 1, why: "not tracked" } },
      "unknown, because what 1 session does is not tracked: track_activities is off; 1000",
    ],
    [
      "a quiet server",
      { ...SEEN, p95: 0, most: 1 },
      "that is 0, and no less than 10 is advised: in a pool of a few, as many slow queries stop everybody; 1000",
    ],
    [
      "open transactions",
      { ...SEEN, inTransaction: 2.25 },
      " and 2.3 resting in a transaction: with half as many again that is 21; ",
    ],
    ["nothing", null, "how many backends it needs is not known yet; 1000 clients do well on 20 to 50 backends"],
  ])("%s", (_, seen, expected) => {
    expect(poolWords(seen, { user: "Mo" })).toContain(expected);
  });
});

test("without SQL there is no answer", () => {
  expect(whatIf(aSample({ server: aServer({ lane: "host", tuning: null }) }), null, NO_WISH)).toBeNull();
});
