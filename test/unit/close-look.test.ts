import { describe, expect, test } from "vitest";
import { NOTHING_REFUSED, type CloseLookStatement, type Refusal } from "../../src/model/refusal.ts";
import { closeLook, type CloseLook } from "../../src/source/close-look.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";
import type { Rows } from "../../src/source/round-trip.ts";
import type { StatementName } from "../../src/source/statement.ts";
import { countersRow } from "./counters-row.ts";

const OCCASION = { serverSeconds: 1000, slow: true, counters: true, workings: true };
const ALL = ["counters", "standbys", "recovery", "subscriptions", "progress", "io"] as const;
/** A role that may count what waits for the archiver and see what I/O is under way: the last columns of server.sql. */
const MAY = [[...Array.from({ length: 19 }, () => null), "t", "t"]];

function failed(code: string, statement: StatementName | null = null, severity = "ERROR"): object {
  return { severity, code, statement, message: `${code} said the server` };
}

/** What a server answers that has nothing to tell. */
function answers(names: readonly CloseLookStatement[]): Partial<Rows> {
  const rows = (name: CloseLookStatement): Rows["counters"] =>
    name === "counters" ? [countersRow()] : name === "to-archive" || name === "io-under-way" ? [["0"]] : [];
  return Object.fromEntries(names.map((name) => [name, rows(name)]));
}

/** The sample is read at this second, as often as it takes, by a server that fails these statements. */
function sampled(look: CloseLook, serverSeconds: number, fails: Partial<Record<CloseLookStatement, string>> = {}) {
  for (let messages = 1; ; messages++) {
    const asked = look.asks({ ...OCCASION, serverSeconds });
    const name = asked.find((one) => fails[one] !== undefined);
    if (name === undefined) return { asked, messages, ...look.taken(answers(asked), UTF8_EVERYWHERE, serverSeconds) };
    expect(look.blamed(failed(fails[name]!, name), serverSeconds)).toBe(true);
  }
}

describe("a message that failed is sent again without what the server has refused", () => {
  const others = (...left: readonly CloseLookStatement[]) => ALL.filter((name) => !left.includes(name));

  test.each<[string, object, boolean, readonly CloseLookStatement[]]>([
    ["a view that was taken from everybody", failed("42501", "standbys"), true, others("standbys")],
    ["the same, on a server that speaks German", failed("42501", "io", "FEHLER"), true, others("io")],
    ["counters, which findings need, by themselves", failed("42501", "counters"), true, others("counters")],
    ["a function that a fork does not have", failed("0A000", "recovery"), true, others("recovery")],
    ["a catalogue that is locked", failed("55P03", "subscriptions"), true, others("subscriptions")],
    ["a collector of statistics that hangs: each would be waited for", failed("57014", "counters"), true, []],
    ["a time-out in what is asked before", failed("57014", "activity"), true, []],
    ["nobody knows which: first what single processes are at", failed("42601"), true, ["counters"]],
    ["what every sample needs is not its business", failed("42501", "tuning"), false, ALL],
    ["the server shuts down", failed("57P01", "io", "FATAL"), false, ALL],
    ["our session was ended by a time-out", failed("25P03", null, "FATAL"), false, ALL],
    ["the network is gone", { code: "ECONNRESET" }, false, ALL],
    ["no answer came", {}, false, ALL],
  ])("%s", (_, error, again, asked) => {
    const look = closeLook(18);
    expect(look.asks(OCCASION)).toEqual(ALL);
    expect(look.blamed(error, 1000)).toBe(again);
    expect(look.asks(OCCASION)).toEqual(asked);
    expect(look.asks({ ...OCCASION, serverSeconds: 1300 })).toEqual(ALL);
  });

  test("and where nobody knows which, without the counters when they fail by themselves", () => {
    const look = closeLook(18);
    look.asks(OCCASION);
    look.blamed(failed("42601"), 1000);
    expect(look.asks(OCCASION)).toEqual(["counters"]);
    expect(look.blamed(failed("42601"), 1000)).toBe(true);
    expect(look.asks(OCCASION)).toEqual([]);
  });

  test("not where nothing more than a sample needs was asked", () => {
    const look = closeLook(18);
    look.asks({ ...OCCASION, counters: false, workings: false });
    expect(look.blamed(failed("57014", "activity"), 1000)).toBe(false);
  });
});

describe("of what was refused", () => {
  const refusal = (statement: CloseLookStatement, untilSeconds: number, sqlstate = "42501"): Refusal => ({
    ...{ statement, sqlstate, message: `${sqlstate} said the server`, untilSeconds },
  });

  test.each<[CloseLookStatement, object]>([
    ["standbys", { standbys: null }],
    ["recovery", { receiver: null, recovery: null }],
    ["subscriptions", { subscriptions: null }],
    ["progress", { progress: null }],
    ["io", { io: null }],
    ["to-archive", { walFilesToArchive: null }],
    ["io-under-way", { ioUnderWay: null }],
  ])("%s nothing is known, and all the rest is", (name, unknown) => {
    const look = closeLook(18);
    look.taken({ server: MAY }, UTF8_EVERYWHERE, 990);
    const { counters, workings, refused } = sampled(look, 1000, { [name]: "42501" });
    expect(counters).not.toBeNull();
    const nothing = { standbys: [], receiver: "none", recovery: "none", subscriptions: [], progress: [], io: [] };
    expect(workings).toEqual({ ...nothing, ioUnderWay: 0, walFilesToArchive: 0, ...unknown });
    expect(refused).toEqual([refusal(name, 1300)]);
  });

  test("it is said for as long as it is so, by the same array, and asked again once in its time", () => {
    const look = closeLook(18);
    const fails = { standbys: "42501", counters: "42501" };
    const first = sampled(look, 1000, fails);
    expect(first).toMatchObject({
      messages: 3,
      counters: null,
      refused: [refusal("counters", 1300), refusal("standbys", 1300)],
    });
    const messages = [];
    for (const seconds of [1001, 1100, 1299]) {
      const later = sampled(look, seconds, fails);
      expect(later.refused).toBe(first.refused);
      messages.push(later.messages);
    }
    expect(messages).toEqual([1, 1, 1]);
    expect(sampled(look, 1300, { standbys: "42501" })).toMatchObject({
      messages: 2,
      refused: [refusal("standbys", 1600)],
    });
    expect(sampled(look, 1600).refused).toBe(NOTHING_REFUSED);
  });

  test.each([
    ["soon where a catalogue was locked", "55P03", 15],
    ["minutes later where a right is missing", "42501", 300],
    ["minutes later where it took too long", "57014", 300],
    ["minutes later where a fork does not have it", "42883", 300],
  ])("it is asked again %s", (_, code, pause) => {
    const look = closeLook(17);
    sampled(look, 1000, { standbys: code });
    const asked = [pause - 1, pause].map((seconds) => sampled(look, 1000 + seconds).asked.includes("standbys"));
    expect(asked).toEqual([false, true]);
  });

  test("a pause begins with the first sample, before which nobody knows the server's clock", () => {
    const look = closeLook(18);
    look.asks({ ...OCCASION, serverSeconds: 0 });
    look.blamed(failed("42501", "io"), 0);
    const asked = look.asks({ ...OCCASION, serverSeconds: 0 });
    expect(asked).not.toContain("io");
    expect(look.taken(answers(asked), UTF8_EVERYWHERE, 1_795_000_000).refused).toEqual([refusal("io", 1_795_000_300)]);
    expect(look.asks({ ...OCCASION, serverSeconds: 1_795_000_001 })).not.toContain("io");
  });

  test("while nobody looks nobody asks: then it is not known whether it would be refused", () => {
    const look = closeLook(18);
    const { refused } = sampled(look, 1000, { io: "42501" });
    const unlooked = (serverSeconds: number) => {
      const asked = look.asks({ ...OCCASION, serverSeconds, workings: false });
      return look.taken(answers(asked), UTF8_EVERYWHERE, serverSeconds);
    };
    expect(unlooked(1200)).toMatchObject({ workings: null, refused });
    expect(unlooked(1300)).toMatchObject({ workings: null, refused: [] });
  });
});

describe("files that wait for the archiver are counted one by one,", () => {
  const NOTHING = { standbys: [], recovery: [], subscriptions: [], progress: [] };
  const lsn = (files: number): string => String((2 + files) * 2 ** 24);

  /** At which of these seconds they are counted, where there are always as many. */
  function counted(files: number, seconds: readonly number[]): readonly number[] {
    const close = closeLook(18);
    const counters = [countersRow({ walBytes: lsn(files) })];
    close.taken({ server: MAY, counters }, UTF8_EVERYWHERE, 0);
    return seconds.filter((serverSeconds) => {
      const asked = close.asks({ ...OCCASION, serverSeconds }).includes("to-archive");
      const answer = asked ? { "to-archive": [[String(files)]] } : {};
      const { workings } = close.taken({ ...NOTHING, ...answer, counters }, UTF8_EVERYWHERE, 0);
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
