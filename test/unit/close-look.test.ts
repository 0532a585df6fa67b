import { describe, expect, test } from "vitest";
import { closeLook } from "../../src/source/close-look.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";
import { countersRow } from "./counters-row.ts";

const OCCASION = { serverSeconds: 1000, slow: true, counters: true, workings: true };

describe("a message that failed is sent again without what a sample does not need", () => {
  test.each([
    ["a view that was taken from everybody", { severity: "ERROR", code: "42501" }, true],
    ["the same, on a server that speaks German", { severity: "FEHLER", code: "42501" }, true],
    ["a collector of statistics that hangs", { severity: "FEHLER", code: "57014" }, true],
    ["the server shuts down", { severity: "FATAL", code: "57P01" }, false],
    ["our session was ended by a time-out", { severity: "FATAL", code: "25P03" }, false],
    ["the network is gone", { code: "ECONNRESET" }, false],
    ["no answer came", {}, false],
  ])("%s", (_, error, again) => {
    const close = closeLook(18);
    close.asks(OCCASION);
    expect(close.blamed(error, 1000)).toBe(again);
    expect(close.asks(OCCASION).includes("standbys")).toBe(!again);
    expect(close.asks({ ...OCCASION, serverSeconds: 1300 }).length).toBeGreaterThan(0);
  });

  test("first without what single processes are at: findings need the counters", () => {
    const close = closeLook(18);
    close.asks(OCCASION);
    expect(close.blamed({ severity: "ERROR", code: "55P03" }, 1000)).toBe(true);
    expect(close.asks(OCCASION)).toEqual(["counters"]);
    expect(close.blamed({ severity: "ERROR", code: "42501" }, 1000)).toBe(true);
    expect(close.asks(OCCASION)).toEqual([]);
  });

  test("without both at once where a time-out would be waited for again", () => {
    const close = closeLook(18);
    close.asks(OCCASION);
    expect(close.blamed({ severity: "ERROR", code: "57014" }, 1000)).toBe(true);
    expect(close.asks(OCCASION)).toEqual([]);
  });

  test("not where nothing more than a sample needs was asked", () => {
    const close = closeLook(18);
    close.asks({ ...OCCASION, counters: false, workings: false });
    expect(close.blamed({ severity: "ERROR", code: "57014" }, 1000)).toBe(false);
  });
});

describe("files that wait for the archiver are counted one by one,", () => {
  const MAY = [[...Array.from({ length: 19 }, () => null), "t", "f"]];
  const NOTHING = { standbys: [], recovery: [], subscriptions: [], progress: [] };
  const lsn = (files: number): string => String((2 + files) * 2 ** 24);

  /** At which of these seconds they are counted, where there are always as many. */
  function counted(files: number, seconds: readonly number[]): readonly number[] {
    const close = closeLook(18);
    const counters = [countersRow({ walBytes: lsn(files) })];
    close.taken({ server: MAY, counters }, UTF8_EVERYWHERE);
    return seconds.filter((serverSeconds) => {
      const asked = close.asks({ ...OCCASION, serverSeconds }).includes("to-archive");
      const answer = asked ? { "to-archive": [[String(files)]] } : {};
      const { workings } = close.taken({ ...NOTHING, ...answer, counters }, UTF8_EVERYWHERE);
      expect(workings!.walFilesToArchive).toBe(files > 100_000 ? null : files);
      return asked;
    });
  }

  test.each<[string, number, readonly number[]]>([
    ["each time where there are few", 3, [0, 10, 20, 30, 40]],
    ["more seldom where it takes longer", 20_000, [0, 20, 40]],
    ["once in a while where it takes a second", 100_000, [0]],
    ["not at all where the server would end it", 100_001, []],
  ])("%s", (_, files, expected) => {
    expect(counted(files, [0, 10, 20, 30, 40])).toEqual(expected);
  });
});

describe("what the server has refused", () => {
  const isAskedAfter = (code: string, seconds: number): boolean => {
    const look = closeLook(17);
    look.asks(OCCASION);
    expect(look.blamed({ severity: "ERROR", code }, 1000)).toBe(true);
    return look.asks({ ...OCCASION, serverSeconds: 1000 + seconds }).includes("standbys");
  };

  test("is asked for again soon where a catalogue was locked", () => {
    expect([14, 16].map((seconds) => isAskedAfter("55P03", seconds))).toEqual([false, true]);
  });

  test.each(["42501", "57014", "42883"])("is let alone for minutes after %s", (code) => {
    expect([290, 301].map((seconds) => isAskedAfter(code, seconds))).toEqual([false, true]);
  });
});
