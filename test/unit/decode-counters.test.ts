import { describe, expect, test } from "vitest";
import { archivedUpTo, decodeCounters } from "../../src/source/decode-counters.ts";
import { countersRow as row } from "./counters-row.ts";

test("a row becomes counters", () => {
  expect(decodeCounters(row())).toEqual({
    atSeconds: 1_795_752_970.5,
    checkpoints: {
      ...{ timed: 1, requested: 2, done: 3, writeMs: 40.5, syncMs: 5, buffers: 60, restartpoints: null },
      resetSeconds: 1_795_752_900.25,
    },
    buffers: {
      ...{ backgroundWriter: 7, backgroundWriterStopped: 8, sessions: 9, allocated: 10 },
      resetSeconds: 1_795_752_901,
    },
    walBytes: 50_331_700,
    archiver: {
      ...{ archived: 11, lastArchivedWal: "000000010000000000000001", lastArchivedSeconds: 1_795_752_960 },
      ...{ failed: 12, lastFailedWal: "000000010000000000000002", lastFailedSeconds: 1_795_752_965 },
      currentWal: "000000010000000000000003",
      // The second file whole, and what there is of the third.
      behindBytes: 50_331_700 - 2 * 2 ** 24,
      resetSeconds: 1_795_752_902,
    },
    temporary: { files: 13, bytes: 14e9 },
  });
});

test("what this major does not count is null, and never 0", () => {
  const { checkpoints, buffers } = decodeCounters(row({ done: null, sessions: null, checkpointReset: null }));
  expect(checkpoints).toMatchObject({ done: null, resetSeconds: null });
  expect(buffers.sessions).toBeNull();
});

test("a standby has restartpoints, and no file that is written", () => {
  const restart = { restartTimed: "4", restartRequested: "0", restartDone: "2" };
  const { checkpoints, archiver } = decodeCounters(row({ ...restart, currentWal: null }));
  expect(checkpoints.restartpoints).toEqual({ timed: 4, requested: 0, done: 2 });
  expect(archiver).toMatchObject({ currentWal: null, behindBytes: null, archived: 11 });
});

describe("what the archive is behind by", () => {
  const behind = (given: Readonly<Record<string, string | null>>): number | null =>
    decodeCounters(row(given)).archiver.behindBytes;

  test("is not known before the first file, nor where nothing is archived any more", () => {
    expect(behind({ lastArchivedWal: null })).toBeNull();
    expect(behind({ archiving: "f" })).toBeNull();
  });

  test("is nothing right after a switch, and never less", () => {
    expect(behind({ lastArchivedWal: "000000010000000000000002", walBytes: "50331648" })).toBe(0);
    expect(behind({ lastArchivedWal: "000000010000000000000009" })).toBe(0);
  });
});

describe("up to where a file is archived", () => {
  const MB16 = 2 ** 24;
  test.each<[string, string, number, number | null]>([
    ["a file of 16 MB", "000000010000000000000003", MB16, 4 * MB16],
    ["the last one of its 4 GB", "0000000100000000000000FF", MB16, 2 ** 32],
    ["one beyond the first 4 GB", "00000001000000020000000A", MB16, 2 * 2 ** 32 + 11 * MB16],
    ["of 1 GB", "000000010000000100000002", 2 ** 30, 2 ** 32 + 3 * 2 ** 30],
    ["of another timeline", "0000000A0000000000000003", MB16, 4 * MB16],
    ["the part that a promotion left", "000000010000000000000003.partial", MB16, 3 * MB16],
    ["what tells of a backup", "000000010000000000000003.00000028.backup", MB16, 4 * MB16],
    ["the history of a timeline", "00000002.history", MB16, null],
    ["something else", "000000010000000000000003.gz", MB16, null],
  ])("%s: %s", (_, name, segmentBytes, bytes) => {
    expect(archivedUpTo(name, segmentBytes)).toBe(bytes);
  });
});
