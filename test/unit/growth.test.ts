import { describe, expect, test } from "vitest";
import { holderGroups, type HolderBy } from "../../src/analysis/holder-groups.ts";
import { growth, type Growth } from "../../src/history/growth.ts";
import { lastSample, type History } from "../../src/history/history.ts";
import { aServer } from "./builders.ts";
import { aHistory, jump, leak, steady } from "./pools.ts";

function grown(history: History, name: string, by: HolderBy = ["application"]): Growth {
  const group = holderGroups(lastSample(history)!, by).find(({ names }) => names.includes(name));
  return growth(history, by).get(group!.key)!;
}

describe("how a group has changed over 1, 5 and 15 minutes", () => {
  test("is the difference to the sample of that time", () => {
    const history = aHistory({ seconds: 1000, pools: { web: steady(10), leaky: leak(5, 6) } });
    expect(grown(history, "leaky").changes).toEqual([6, 30, 90]);
    expect(grown(history, "web").changes).toEqual([0, 0, 0]);
  });

  test("is not known where the history does not reach so far back", () => {
    const history = aHistory({ seconds: 290, pools: { web: jump(10, 14, 250) } });
    expect(grown(history, "web").changes).toEqual([4, 4, null]);
    expect(grown(aHistory({ seconds: 30, pools: { web: steady(1) } }), "web").changes).toEqual([null, null, null]);
  });

  test("is not known where nothing was read then", () => {
    const lost = (at: number): boolean => at > 250 && at < 350;
    const history = aHistory({ seconds: 600, pools: { web: steady(10) }, lost });
    expect(grown(history, "web").changes).toEqual([0, null, null]);
  });

  test("is taken from beside a single failure", () => {
    const history = aHistory({ seconds: 100, pools: { web: leak(10, 30) }, lost: (at) => at === 40 });
    expect(grown(history, "web").changes[0]).toBe(29);
  });

  test("does not look behind a restart of the server, nor to another server", () => {
    for (const other of [{ startedSeconds: 1_795_356_231 }, { host: "prod-db-2" }, { lane: "host" } as const]) {
      const [before, after] = [aServer(), aServer(other)];
      const server = (at: number): ReturnType<typeof aServer> => (at < 100 ? before : after);
      const history = aHistory({ seconds: 180, pools: { web: steady(10) }, server });
      expect(grown(history, "web").changes, JSON.stringify(other)).toEqual([0, null, null]);
      expect(grown(aHistory({ seconds: 120, pools: { web: steady(10) }, server }), "web").changes[0]).toBeNull();
    }
  });

  test("a group that was not there has grown by all of it", () => {
    const history = aHistory({ seconds: 100, pools: { web: steady(10), batch: jump(0, 7, 60) } });
    expect(grown(history, "batch").changes[0]).toBe(7);
  });

  test("samples that are a minute apart tell of a minute; five minutes apart, they do not", () => {
    const pools = { web: leak(10, 1) };
    expect(grown(aHistory({ seconds: 1200, every: 60, pools }), "web").changes).toEqual([1, 5, 15]);
    expect(grown(aHistory({ seconds: 1200, every: 300, pools }), "web").changes).toEqual([null, 5, 15]);
  });
});

describe("sessions opened and gone per second", () => {
  test.each([0.1, 0.5, 2, 10])("are those of the last minute, %d s apart", (every) => {
    const history = aHistory({ seconds: 120, every, pools: { web: steady(10), leaky: leak(5, 60) } });
    expect(grown(history, "leaky").openedPerSecond).toBeCloseTo(1, 1);
    expect(grown(history, "leaky").gonePerSecond).toBe(0);
    expect(grown(history, "web")).toMatchObject({ openedPerSecond: 0, gonePerSecond: 0 });
  });

  test("count those who came and went in between", () => {
    const size = (at: number): number => 10 + (Math.trunc(at / 2) % 2);
    const web = grown(aHistory({ seconds: 120, pools: { web: size } }), "web");
    expect(web.openedPerSecond).toBeCloseTo(0.25, 2);
    expect(web.gonePerSecond).toBeCloseTo(0.25, 2);
  });

  test("are not known before the second sample", () => {
    expect(grown(aHistory({ seconds: 0, pools: { web: steady(1) } }), "web").openedPerSecond).toBeNull();
  });

  test("do not know what happened in a gap", () => {
    const lost = (at: number): boolean => at >= 80 && at < 100;
    const history = aHistory({ seconds: 120, pools: { web: jump(10, 50, 90) }, lost });
    expect(grown(history, "web").openedPerSecond).toBe(0);
  });
});

describe("a group that climbs", () => {
  test("is told among others that do not", () => {
    const history = aHistory({ seconds: 300, pools: { web: steady(60), leaky: leak(60, 2) } });
    expect(grown(history, "leaky").trend!.perSecond * 60).toBeCloseTo(2, 1);
    expect(grown(history, "web").trend).toBeNull();
  });

  test("is told under two groupings together, and after the session gave another name", () => {
    const history = aHistory({ seconds: 300, pools: { web: steady(60), leaky: leak(60, 2) } });
    expect(grown(history, "leaky", ["application", "role"]).trend).not.toBeNull();
    expect(grown(history, "idle", ["state"]).trend).not.toBeNull();
  });
});
