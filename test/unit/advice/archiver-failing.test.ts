import { describe, expect, test } from "vitest";
import type { ArchiverCounters } from "../../../src/model/counters.ts";
import type { Sample } from "../../../src/model/reading.ts";
import { anAuxiliary, aSample, aServer, aWorkings, SERVER_NOW } from "../builders.ts";
import { anArchivingServer, archiving, FILE, GB, walFile } from "./archives.ts";
import { said, titles } from "./context.ts";

const ID = "archiver-failing";

const fails: Partial<ArchiverCounters> = {
  archived: 411,
  lastArchivedWal: walFile(411),
  lastArchivedSeconds: SERVER_NOW - 843,
  failed: 42,
  lastFailedWal: walFile(412),
  lastFailedSeconds: SERVER_NOW - 3,
  currentWal: walFile(453),
  behindBytes: 41 * FILE + 5000,
};

describe("the last attempt has failed:", () => {
  test("which file, since when, how much waits, and what comes of it", () => {
    const [finding] = said(ID, archiving(fails));
    expect(finding).toMatchObject({
      severity: "warning",
      title: "archiving 00000001000000010000009C fails, last 3.0s ago: 41 files wait, 656 MB",
      evidence: [
        "42 attempts failed since the counters began",
        "the last one archived was 00000001000000010000009B, 14m03 ago, one of 411",
        "WAL stays in pg_wal until it is archived: when that disk is full, the server stops",
      ],
    });
    expect(finding!.next.flatMap(({ sql }) => sql ?? [])).toContain("SELECT * FROM pg_stat_archiver;");
    expect(finding!.avoid[0]).toMatch(/^do not delete files in pg_wal/);
  });

  test("before the first file is archived, and on another timeline, so much as was counted waits", () => {
    const history = { ...fails, lastArchivedWal: null, lastArchivedSeconds: null, lastFailedWal: "00000002.history" };
    const promoted = archiving({ ...history, behindBytes: null });
    expect(titles(ID, promoted)[0]).toMatch(/: how much WAL waits is not known$/);
    expect(titles(ID, { ...promoted, workings: aWorkings({ walFilesToArchive: 2 }) })[0]).toMatch(
      /: 2 files wait, 32 MB$/,
    );
  });

  test.each([
    [14, "if the command itself has to be changed, a reload is enough"],
    [15, "a reload is enough; archive_library takes its place where it is set"],
    [16, "a reload is enough; archive_library takes its place, and only one of the two may be set"],
  ])("what stands instead of the command, on PostgreSQL %i", (major, expected) => {
    const sample = archiving(fails);
    const older = { ...sample, server: { ...sample.server, versionNum: major * 10_000 } };
    expect(said(ID, older)[0]!.next.at(-1)!.text).toMatch(new RegExp(`${expected}$`));
  });

  test("a success after it ends it", () => {
    expect(said(ID, archiving({ ...fails, lastArchivedSeconds: SERVER_NOW - 2 }))).toEqual([]);
  });

  test("history tells since when at the least, and how fast the disk fills", () => {
    const before = { ...fails, lastFailedSeconds: SERVER_NOW - 64, failed: 40, currentWal: walFile(449) };
    const [finding] = said(ID, [archiving(before, { secondsLater: -60 }), archiving(fails)]);
    expect(finding!.evidence[0]).toBe("it has failed for 1m04 at least, 42 attempts failed since the counters began");
    expect(finding!.evidence[2]).toBe("1.0 MB of WAL a second now, a GB in 17 min");
  });

  test("a success in between begins it anew", () => {
    const ended = { ...fails, lastArchivedSeconds: SERVER_NOW - 20, lastFailedSeconds: SERVER_NOW - 30 };
    const before = { ...fails, lastFailedSeconds: SERVER_NOW - 100 };
    const [finding] = said(ID, [
      archiving(before, { secondsLater: -90 }),
      archiving(ended, { secondsLater: -19 }),
      archiving({ ...fails, lastArchivedSeconds: SERVER_NOW - 20 }),
    ]);
    expect(finding!.evidence[0]).toBe("42 attempts failed since the counters began");
  });

  test("never archived anything: how much waits is told by the names of the files", () => {
    const [finding] = said(
      ID,
      archiving({ ...fails, lastArchivedWal: null, lastArchivedSeconds: null, behindBytes: null }),
    );
    expect(finding!.title).toMatch(/: 41 files wait, 656 MB$/);
    expect(finding!.evidence[1]).toBe("none has been archived since the counters began");
  });

  test("a timeline's history has no place among the files", () => {
    expect(titles(ID, archiving({ ...fails, lastFailedWal: "00000002.history", behindBytes: null }))[0]).toBe(
      "archiving 00000002.history fails, last 3.0s ago: how much WAL waits is not known",
    );
  });

  test("the archiver is shown where it is seen", () => {
    const sample = { ...archiving(fails), backends: [anAuxiliary("archiver", 81), anAuxiliary("walwriter", 82)] };
    expect(said(ID, sample)[0]!.sessions.map(({ pid }) => pid)).toEqual([81]);
  });
});

describe("so much WAL that it matters to a disk is critical", () => {
  const waiting = (files: number) => archiving({ ...fails, currentWal: walFile(412 + files) });
  test.each([
    [64, "warning"],
    [65, "critical"],
  ] as const)("%i files: %s", (files, severity) => {
    expect(said(ID, waiting(files))[0]!.severity).toBe(severity);
  });

  test("beyond max_wal_size, where that is more", () => {
    const server = anArchivingServer();
    const settings = server.tuning!.settings.map((one) =>
      one.name === "max_wal_size" ? { ...one, value: String(10 * 1024) } : one,
    );
    const large = { ...server, tuning: { ...server.tuning!, settings } };
    expect(said(ID, { ...waiting(65), server: large })[0]!.severity).toBe("warning");
    expect(said(ID, { ...waiting(641), server: large })[0]!.severity).toBe("critical");
  });
});

describe("nothing fails, and nothing is archived:", () => {
  const hangs: Partial<ArchiverCounters> = {
    archived: 411,
    lastArchivedWal: walFile(411),
    lastArchivedSeconds: SERVER_NOW - 432,
    currentWal: walFile(453),
    behindBytes: 41 * FILE,
  };

  test("for so long that no network explains it", () => {
    expect(said(ID, archiving(hangs))[0]).toMatchObject({
      severity: "warning",
      title: "nothing has been archived for 7m12, and nothing fails: 41 files wait, 656 MB",
    });
  });

  test.each<[string, Partial<ArchiverCounters>]>([
    ["not for long", { lastArchivedSeconds: SERVER_NOW - 299 }],
    ["few files wait", { behindBytes: 8 * FILE - 1 }],
    ["nobody tells how many wait", { behindBytes: null }],
  ])("silent: %s", (_, given) => {
    expect(said(ID, archiving({ ...hangs, ...given }))).toEqual([]);
  });

  test("silent: files that have come to wait just now, after hours without any", () => {
    const quiet = { ...hangs, behindBytes: 0 };
    const from = archiving(quiet, { secondsLater: -110 });
    expect(said(ID, [from, archiving(hangs)])).toEqual([]);
  });

  test("nothing was ever archived: so much as was written while we looked", () => {
    const never = { currentWal: walFile(453) };
    const long = [archiving(never), archiving(never, { secondsLater: 310 })];
    expect(titles(ID, long)).toEqual([
      "nothing has been archived for 5m10, and nothing fails: 19 files wait at the least",
    ]);
    expect(titles(ID, [archiving(never), archiving(never, { secondsLater: 290 })])).toEqual([]);
  });
});

test("nothing is archived without an archiver: that one is missed, and no command", () => {
  const hangs = { lastArchivedWal: walFile(411), lastArchivedSeconds: SERVER_NOW - 432, behindBytes: 41 * FILE };
  const samples = [archiving(hangs, { secondsLater: -60 }), archiving(hangs)];
  expect(titles(ID, samples)).toHaveLength(1);
  const seen = (backends: Sample["backends"]) => samples.map((sample) => ({ ...sample, backends }));
  expect(titles(ID, seen([anAuxiliary("checkpointer", 77)]))).toEqual([]);
  expect(titles(ID, seen([anAuxiliary("checkpointer", 77), anAuxiliary("archiver", 78)]))).toHaveLength(1);
});

describe("archived, but more slowly than WAL is written:", () => {
  const at = (secondsLater: number, waiting: number, archived: number) =>
    archiving(
      {
        archived,
        lastArchivedWal: walFile(archived),
        lastArchivedSeconds: SERVER_NOW + secondsLater - 2,
        currentWal: walFile(archived + waiting + 1),
        behindBytes: waiting * FILE,
      },
      { secondsLater },
    );

  test("files that wait become no fewer", () => {
    expect(said(ID, [at(0, 30, 100), at(120, 42, 120)])[0]).toMatchObject({
      title: "the archiver does not keep up: 42 files wait, 672 MB, 30 did 2m00 ago",
      evidence: expect.arrayContaining(["20 files archived in the last 2 min, one after the other"]),
    });
  });

  test.each([
    ["it catches up", [at(0, 30, 100), at(120, 29, 120)]],
    ["not looked at for long enough", [at(0, 30, 100), at(119, 42, 120)]],
    ["a load has just begun", [at(0, 7, 100), at(120, 42, 120)]],
  ])("silent: %s", (_, samples) => {
    expect(said(ID, samples)).toEqual([]);
  });
});

describe("silent where nothing is archived, or nobody tells:", () => {
  test.each([
    ["archive_mode off", archiving(fails, { server: anArchivingServer("off") })],
    [
      "on a standby, which archives with always alone",
      archiving(fails, { server: anArchivingServer("on", { role: "standby" }) }),
    ],
    ["without settings", archiving(fails, { server: aServer({ lane: "host", tuning: null }) })],
    ["without counters", aSample({ server: anArchivingServer() })],
    [
      "all is well",
      archiving({
        archived: 3,
        lastArchivedSeconds: SERVER_NOW - 5,
        lastArchivedWal: walFile(3),
        behindBytes: GB / 128,
      }),
    ],
  ])("%s", (_, sample) => {
    expect(said(ID, sample)).toEqual([]);
  });

  test("a standby that archives", () => {
    const server = anArchivingServer("always", { role: "standby" });
    expect(titles(ID, archiving({ ...fails, currentWal: null, behindBytes: null }, { server }))).toEqual([
      "archiving 00000001000000010000009C fails, last 3.0s ago: how much WAL waits is not known",
    ]);
  });
});
