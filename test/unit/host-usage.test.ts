import { describe, expect, test } from "vitest";
import { inNeed, type Measured } from "../../src/source/host/memory-meter.ts";
import { parseStat } from "../../src/source/host/processes.ts";
import { parseIo, parseRollup, parseStatusMemory } from "../../src/source/host/usage-files.ts";
import { looked, type Look, type Looked } from "../../src/source/host/usage-rates.ts";

describe("files of a process", () => {
  test("time on processors is its own and the kernel's for it, whatever its program is called", () => {
    const text =
      "4711 (post) gres) (x) S 1 2 3 0 -1 4194560 4309 47587 0 6 150 25 49 19 20 0 1 0 73037 5124096 939 184467";
    expect(parseStat(text)).toMatchObject({ pid: 4711, program: "post) gres) (x", cpuTicks: 175, startTicks: 73_037 });
    expect(parseStat("4711 (postgres) S 1")).toBeNull();
  });

  test("anonymous memory by share is told by newer kernels, and not mixed up with other lines", () => {
    const older = "55ea714aa000-7fff9784a000 ---p 00000000 00:00 0    [rollup]\nRss:  1600 kB\nPss:   206 kB\n";
    expect(parseRollup(older)).toBeNull();
    expect(parseRollup(`${older}Pss_Dirty:    113 kB\nPss_Anon:             112 kB\nPss_File:  94 kB\n`)).toBe(
      112 * 1024,
    );
    expect(parseRollup("")).toBeNull();
  });

  test("what everybody may read has both, or says that it does not know", () => {
    const status =
      "Name:\tpostgres\nVmRSS:\t   14000 kB\nRssAnon:\t    2000 kB\nRssFile:\t 9000 kB\nVmPTE:\t     140 kB\n";
    expect(parseStatusMemory(status)).toEqual({ anonymousBytes: 2000 * 1024, pageTableBytes: 140 * 1024 });
    expect(parseStatusMemory("Name:\tpostgres\nVmRSS:\t   14000 kB\n")).toEqual({
      anonymousBytes: null,
      pageTableBytes: null,
    });
  });

  test("bytes to and from disks are not those of the page cache", () => {
    const io =
      "rchar: 6976\nwchar: 12\nsyscr: 10\nsyscw: 0\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n";
    expect(parseIo(io)).toEqual({ read: 4096, written: 8192 });
    expect(parseIo("rchar: 6976\nwchar: 12\n")).toBeNull();
  });
});

describe("what a process takes", () => {
  const START = 500;
  const at = (atSeconds: number, cpuTicks: number, kilobytes: number | null = 0, startTicks = START): Look => ({
    startTicks,
    atSeconds,
    cpuTicks,
    disk: kilobytes === null ? null : { read: kilobytes * 1000, written: kilobytes * 2000 },
  });
  const NOTHING_KNOWN = { cpuPercent: null, readBytesPerSecond: null, writtenBytesPerSecond: null };
  const first = (look: Look): Looked => looked(undefined, look, null);

  test("is not known at the first look", () => {
    expect(first(at(10, 7)).rates).toEqual(NOTHING_KNOWN);
  });

  test("is what it has taken since the look before, over the time that has really passed", () => {
    expect(looked(first(at(10, 700, 50)), at(14, 900, 58), null).rates).toEqual({
      cpuPercent: 50,
      readBytesPerSecond: 2000,
      writtenBytesPerSecond: 4000,
    });
  });

  test("is nothing while it rests, and what was not known stays so", () => {
    expect(looked(first(at(10, 700)), at(11, 700), null).rates).toEqual({
      cpuPercent: 0,
      readBytesPerSecond: 0,
      writtenBytesPerSecond: 0,
    });
    expect(looked(first(at(10, 700, null)), at(11, 700, null), null).rates).toEqual({
      ...NOTHING_KNOWN,
      cpuPercent: 0,
    });
    // It became another user's to see: there is nothing to compare with.
    expect(looked(first(at(10, 700, null)), at(11, 700, 30), null).rates).toEqual({ ...NOTHING_KNOWN, cpuPercent: 0 });
  });

  test("is that since its start where it is newer than the last look", () => {
    expect(looked(undefined, at(10, 40, 3), 0.5).rates).toEqual({
      cpuPercent: 80,
      readBytesPerSecond: 6000,
      writtenBytesPerSecond: 12_000,
    });
  });

  test("of one that has just begun waits until there is enough to go by, and then counts from the start", () => {
    const young = looked(undefined, at(10, 4, 3), 0.05);
    expect(young.rates).toEqual(NOTHING_KNOWN);
    expect(looked(young, at(10.45, 40, 30), 0.5).rates.cpuPercent).toBeCloseTo(80);
    expect(looked(young, at(10.45, 40, 30), 0.5).rates.readBytesPerSecond).toBeCloseTo(60_000);
  });

  test("stays as it was at a look that comes too soon: one tick would be a large share", () => {
    const second = looked(first(at(10, 0)), at(11, 30), null);
    const third = looked(second, at(11.02, 31), null);
    expect(third.rates.cpuPercent).toBe(30);
    expect(looked(third, at(12, 50), null).rates.cpuPercent).toBe(20);
  });

  test("is never the difference of two processes that had the same pid", () => {
    const before = first(at(10, 5000, 900));
    expect(looked(before, at(12, 20, 1, START + 150), 0.5).rates).toMatchObject({
      cpuPercent: 40,
      readBytesPerSecond: 2000,
    });
    expect(looked(before, at(12, 20, 1, START + 150), null).rates).toEqual(NOTHING_KNOWN);
  });

  test("is not counted from a start in the future, which some containers tell", () => {
    const odd = looked(undefined, at(10, 4, 3), -3600);
    expect(odd.rates).toEqual(NOTHING_KNOWN);
    expect(looked(odd, at(11, 14, 3), -3599).rates.cpuPercent).toBe(10);
  });

  test("is nothing, and not less, where the kernel's sum goes back by a tick", () => {
    expect(looked(first(at(10, 700)), at(11, 699), null).rates.cpuPercent).toBe(0);
  });
});

describe("whose memory is measured next", () => {
  const NOW = 1000;
  const process = (pid: number, counters: string | null): Measured & { readonly ago?: number } => ({
    pid,
    startTicks: pid,
    counters,
    atSeconds: NOW,
    memoryBytes: 1,
    memoryHow: "measured",
  });
  const measured = (...all: readonly (readonly [pid: number, counters: string | null, agoSeconds: number])[]) =>
    new Map(all.map(([pid, counters, ago]) => [pid, { ...process(pid, counters), atSeconds: NOW - ago }]));
  const order = (processes: readonly Measured[], before: ReadonlyMap<number, Measured>, complete = false) =>
    inNeed(processes, before, NOW, complete).map(({ pid }) => pid);

  test("who never was, then who has run since, the oldest first; whoever rests keeps what he has", () => {
    const now = [process(1, "a"), process(2, "b"), process(3, "c"), process(4, "d"), process(5, "e")];
    const before = measured([1, "before", 2], [2, "b", 29], [3, "before", 5], [5, "before", 1]);
    expect(order(now, before)).toEqual([4, 3, 1, 5]);
  });

  test("who rests is measured now and then: what he shares is divided among others", () => {
    const now = [process(1, "a"), process(2, "b"), process(3, "c")];
    expect(order(now, measured([1, "a", 31], [2, "b", 40], [3, "before", 1]))).toEqual([3, 2, 1]);
  });

  test("where nobody counts, nobody is known to have rested", () => {
    expect(order([process(1, null), process(2, null)], measured([1, null, 1], [2, null, 2]))).toEqual([2, 1]);
  });

  test("all of them, if it is to be complete", () => {
    const now = [process(1, "a"), process(2, "b")];
    expect(order(now, measured([1, "a", 1], [2, "b", 2]))).toEqual([]);
    expect(order(now, measured([1, "a", 1], [2, "b", 2]), true)).toEqual([2, 1]);
  });
});
