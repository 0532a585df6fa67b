import { describe, expect, test } from "vitest";
import { decodeProgress } from "../../src/source/decode-progress.ts";
import { decodeWorkings, type WorkingsRows } from "../../src/source/decode-workings.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";

const NOTHING: WorkingsRows = { standbys: [], recovery: [], subscriptions: [], progress: [] };

const decoded = (rows: Partial<WorkingsRows>, toArchive: number | null = null) =>
  decodeWorkings({ ...NOTHING, ...rows }, toArchive, UTF8_EVERYWHERE);

test("of a primary where nobody does anything there is nothing, and what was not asked is not known", () => {
  expect(decoded({})).toEqual({
    ...{ standbys: [], receiver: "none", recovery: "none", subscriptions: [], progress: [] },
    ...{ io: null, ioUnderWay: null, walFilesToArchive: null },
  });
});

test("of what the server has refused nothing is known, and not that there is none", () => {
  expect(decodeWorkings({}, null, UTF8_EVERYWHERE)).toEqual({
    ...{ standbys: null, receiver: null, recovery: null, subscriptions: null, progress: null },
    ...{ io: null, ioUnderWay: null, walFilesToArchive: null },
  });
});

test("a walsender: how far its standby is behind, never less than nothing", () => {
  const row = ["7", "streaming", "async", "s1", "-48", "1000", "0.25"];
  expect(decoded({ standbys: [row] }).standbys).toEqual([
    {
      ...{ pid: 7, state: "streaming", syncState: "async", slotName: "s1" },
      ...{ unsentBytes: 0, unreplayedBytes: 1000, replaySeconds: 0.25 },
    },
  ]);
});

test("of a walsender that is hidden from us the pid alone", () => {
  expect(decoded({ standbys: [["7", null, null, null, null, null, null]] }).standbys).toEqual([
    {
      ...{ pid: 7, state: null, syncState: null, slotName: null },
      ...{ unsentBytes: null, unreplayedBytes: null, replaySeconds: null },
    },
  ]);
});

describe("a standby", () => {
  const recovered = ["200", "1795752960.5", "f"];

  test("that receives", () => {
    const row = [...recovered, "9", "streaming", "d\\303\\266rt", "5432", "s1", "1795752970"];
    expect(decoded({ recovery: [row] })).toMatchObject({
      recovery: { unreplayedBytes: 200, lastReplayedSeconds: 1_795_752_960.5, paused: false },
      receiver: {
        ...{ pid: 9, status: "streaming", senderHost: "dört", senderPort: 5432, slotName: "s1" },
        lastMessageSeconds: 1_795_752_970,
      },
    });
  });

  test("that reads from the archive has no receiver", () => {
    const row = [null, null, "t", ...Array.from({ length: 6 }, () => null)];
    expect(decoded({ recovery: [row] })).toMatchObject({
      recovery: { unreplayedBytes: null, lastReplayedSeconds: null, paused: true },
      receiver: "none",
    });
  });
});

test("workers of subscriptions: the table while it is copied, by number where it is of another database", () => {
  const rows = [
    ["5", "news", null, null, null, null, "1795752970"],
    ["6", "news", null, "public", "Orders", "16400", null],
    ["8", "dwh_in", "dwh", null, null, "16500", null],
  ];
  expect(decoded({ subscriptions: rows }).subscriptions).toEqual([
    { pid: 5, subscription: "news", relation: null, lastMessageSeconds: 1_795_752_970 },
    { pid: 6, subscription: "news", relation: 'public."Orders"', lastMessageSeconds: null },
    { pid: 8, subscription: "dwh_in", relation: "relation 16500 of dwh", lastMessageSeconds: null },
  ]);
});

test("what was read and written by type of process, and what waits", () => {
  const io = [["client backend", "1", "2", "3", "4", "8192", "16384"]];
  expect(decoded({ io, "io-under-way": [["3"]] }, 17)).toMatchObject({
    io: [
      {
        ...{ backendType: "client backend", reads: 1, writes: 2, extends: 3, fsyncs: 4 },
        ...{ readBytes: 8192, writtenBytes: 16_384 },
      },
    ],
    ioUnderWay: 3,
    walFilesToArchive: 17,
  });
});

describe("how far a command is", () => {
  /** A row of progress.sql, its numbers from 1 on by their place. */
  const far = (group: string, numbers: Readonly<Record<number, number>>, index: string | null = null) => {
    const params = Array.from({ length: 20 }, (_, i) => numbers[i + 1] ?? 0);
    const row = [group, "7", "shop", "public", "orders", "16400", index, `{${params.join(",")}}`];
    const { command, phase, done, total, unit } = decodeProgress(row, UTF8_EVERYWHERE);
    return [command, phase, done, total, unit];
  };

  test.each<[string, Readonly<Record<number, number>>, string | null, readonly unknown[]]>([
    ["VACUUM", { 1: 1, 2: 100, 3: 30, 4: 5 }, null, ["VACUUM", "scanning heap", 30, 100, "blocks"]],
    ["VACUUM", { 1: 3, 2: 100, 3: 100, 4: 5 }, null, ["VACUUM", "vacuuming heap", 5, 100, "blocks"]],
    ["VACUUM", { 1: 2, 9: 4, 10: 1 }, null, ["VACUUM", "vacuuming indexes", 1, 4, "indexes"]],
    // Before 17 nobody counts them.
    ["VACUUM", { 1: 2, 2: 100, 3: 100 }, null, ["VACUUM", "vacuuming indexes", null, null, null]],
    ["VACUUM", { 1: 5, 2: 100, 3: 100 }, null, ["VACUUM", "truncating heap", null, null, null]],
    // A phase that we do not know.
    ["VACUUM", { 1: 12 }, null, ["VACUUM", null, null, null, null]],
    [
      "CREATE INDEX",
      { 1: 1, 10: 2, 16: 50, 17: 20 },
      "scanning table",
      ["CREATE INDEX", "building index: scanning table", 20, 50, "blocks"],
    ],
    [
      "CREATE INDEX",
      { 1: 4, 10: 2, 12: 900, 13: 30, 16: 50, 17: 50 },
      "loading tuples in tree",
      ["REINDEX CONCURRENTLY", "building index: loading tuples in tree", 30, 900, "tuples"],
    ],
    [
      "CREATE INDEX",
      { 1: 1, 10: 2, 16: 50, 17: 50 },
      "sorting live tuples",
      ["CREATE INDEX", "building index: sorting live tuples", null, null, null],
    ],
    // An access method that tells no more.
    ["CREATE INDEX", { 1: 1, 10: 2, 16: 50, 17: 20 }, null, ["CREATE INDEX", "building index", 20, 50, "blocks"]],
    [
      "CREATE INDEX",
      { 1: 2, 4: 3, 5: 1, 10: 7 },
      null,
      ["CREATE INDEX CONCURRENTLY", "waiting for old snapshots", 1, 3, "lockers"],
    ],
    ["CLUSTER", { 1: 2, 2: 1, 6: 80, 7: 8 }, null, ["VACUUM FULL", "seq scanning heap", 8, 80, "blocks"]],
    ["CLUSTER", { 1: 1, 2: 2, 4: 60 }, null, ["CLUSTER", "index scanning heap", 60, null, "tuples"]],
    ["ANALYZE", { 1: 1, 2: 30, 3: 3 }, null, ["ANALYZE", "acquiring sample rows", 3, 30, "blocks"]],
    ["ANALYZE", { 1: 3, 2: 30, 3: 30 }, null, ["ANALYZE", "computing statistics", null, null, null]],
    ["BASEBACKUP", { 1: 3, 2: 9000, 3: 100 }, null, ["BASE_BACKUP", "streaming database files", 100, 9000, "bytes"]],
    // Nobody has asked for an estimate.
    ["BASEBACKUP", { 1: 3, 2: -1, 3: 100 }, null, ["BASE_BACKUP", "streaming database files", 100, null, "bytes"]],
    ["COPY", { 1: 64, 2: 640, 3: 7, 5: 1, 6: 1 }, null, ["COPY FROM", null, 64, 640, "bytes"]],
    ["COPY", { 1: 64, 2: 0, 3: 7, 5: 2, 6: 3 }, null, ["COPY TO", null, 7, null, "tuples"]],
  ])("%s %j %s", (group, numbers, index, told) => {
    expect(far(group, numbers, index)).toEqual(told);
  });

  const NUMBERS = `{1,100,30${",0".repeat(17)}}`;
  const row = (changed: Readonly<Record<number, string | null>>) =>
    ["VACUUM", "7", "shop", "public", "Orders", "16400", null, NUMBERS].map((text, i) => changed[i] ?? text);

  test("the table as psql would write it; where it has no name here, its number", () => {
    expect(decodeProgress(row({}), UTF8_EVERYWHERE)).toMatchObject({
      ...{ pid: 7, database: "shop", relation: 'public."Orders"', relationId: 16_400 },
    });
    const nameless = row({}).map((text, i) => (i === 3 || i === 4 ? null : text));
    expect(decodeProgress(nameless, UTF8_EVERYWHERE)).toMatchObject({ relation: null, relationId: 16_400 });
  });

  test("of a hidden one the pid, the database and the kind of command", () => {
    for (const [group, command] of [
      ["VACUUM", "VACUUM"],
      ["BASEBACKUP", "BASE_BACKUP"],
      ["COPY", "COPY"],
    ] as const) {
      const params = `{${Array.from({ length: 20 }, () => "NULL").join(",")}}`;
      expect(decodeProgress([group, "7", "shop", null, null, null, null, params], UTF8_EVERYWHERE)).toEqual({
        ...{ pid: 7, command, phase: null, database: "shop", relation: null, relationId: null },
        ...{ done: null, total: null, unit: null },
      });
    }
  });
});
