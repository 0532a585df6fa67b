import { describe, expect, test } from "vitest";
import { slots } from "../../src/analysis/slots.ts";
import { forecast, type Forecast } from "../../src/history/forecast.ts";
import { append, emptyHistory, lastSample, type History } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { Server } from "../../src/model/server.ts";
import { aHiddenBackend, aServer } from "./builders.ts";
import { aHistory, breathing, jump, leak, readings, steady, type Size } from "./pools.ts";

function foretold(history: History): Forecast | null {
  return forecast(history, slots(lastSample(history)!));
}

function withAppSlots(app: number, given: Parameters<typeof aServer>[0] = {}): Server {
  return aServer({ maxConnections: app + 3, superuserReserved: 3, reserved: 0, ...given });
}

/** Seven pools of 62 sessions beside the one that is looked at, with which they are 496. */
function sevenPools(by: number): Record<string, Size> {
  return Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`pool-${i}`, by === 0 ? steady(62) : breathing(62, by, i + 1)]),
  );
}

describe("among 500 sessions, when the app slots will be full", () => {
  test.each([
    ["a leak of 2 a minute, after five minutes", 0, leak(62, 2), 300],
    ["a leak of 2 a minute, after three minutes", 0, leak(62, 2), 180],
    ["the same, while the other pools breathe by 3", 3, leak(62, 2), 300],
    ["a leak of 60 a minute, after fifteen seconds", 0, leak(62, 60), 16],
    ["a leak of 60 a minute after ten quiet minutes, after fifteen seconds", 0, leak(62, 60, 600), 616],
  ])("%s, is foretold within a fifth", (_, noise, leaky, seconds) => {
    const pools = { ...sevenPools(noise), leaky };
    const app = 496 + Math.round(leaky(seconds) - 62) + 20;
    const found = foretold(aHistory({ seconds, pools, server: withAppSlots(app) }));
    const perSecond = leaky(seconds) - leaky(seconds - 1);
    const really = (app - 496 - (leaky(seconds) - 62)) / perSecond;
    expect(found?.limit).toBeNull();
    expect(found!.fullInSeconds).toBeGreaterThan(really * 0.8);
    expect(found!.fullInSeconds).toBeLessThan(really * 1.2);
    expect(found!.perMinute / 60).toBeGreaterThan(perSecond * 0.8);
  });

  test("is not told of pools that breathe, at any time", () => {
    let history = emptyHistory();
    for (const reading of readings({ seconds: 900, pools: sevenPools(3), server: withAppSlots(500) })) {
      history = append(history, reading);
      expect(forecast(history, slots(reading as Sample)), `after ${history.entries.length} samples`).toBeNull();
    }
  });
});

describe("nothing is foretold", () => {
  test.each<[string, Size, number]>([
    ["of a flat line", steady(50), 300],
    ["of a storm of reconnects", jump(20, 70, 100), 104],
    ["when all is full already", leak(62, 60), 60],
    ["of what would be full in days", leak(5, 0.02), 1799],
  ])("%s", (_, web, seconds) => {
    const found = foretold(aHistory({ seconds, pools: { web }, server: withAppSlots(94) }));
    expect(found).toBeNull();
  });

  test("from before a restart of the server, or from another server", () => {
    for (const other of [{ startedSeconds: 1_795_356_331 }, { host: "prod-db-2" }]) {
      const servers = [withAppSlots(94), withAppSlots(94, other)];
      const server = (at: number): Server => servers[at < 200 ? 0 : 1]!;
      const given = { pools: { web: leak(10, 6) }, server };
      expect(foretold(aHistory({ seconds: 198, ...given }))).not.toBeNull();
      expect(foretold(aHistory({ seconds: 204, ...given }))).toBeNull();
      expect(foretold(aHistory({ seconds: 260, ...given }))?.perMinute).toBeCloseTo(6, 0);
    }
  });

  test("where hidden rows may or may not be sessions", () => {
    const session = (application: string): object =>
      application === "others" ? aHiddenBackend({ application: "others" }) : {};
    const pools = { web: leak(10, 6), others: steady(3) };
    expect(foretold(aHistory({ seconds: 300, pools, session }))).toBeNull();
  });

  test("without a sample", () => {
    const history = aHistory({ seconds: 2, pools: { web: steady(1) } });
    expect(forecast(emptyHistory(), slots(lastSample(history)!))).toBeNull();
  });
});

test("a gap carries no values: the climb goes on behind it", () => {
  const lost = (at: number): boolean => at > 100 && at < 200;
  const found = foretold(aHistory({ seconds: 300, pools: { web: leak(10, 6) }, server: withAppSlots(94), lost }));
  expect(found?.perMinute).toBeCloseTo(6, 1);
});

test("by the walsender lane the climb is the same one", () => {
  const servers = [withAppSlots(94), withAppSlots(94, { lane: "walsender" })];
  const server = (at: number): Server => servers[at < 200 ? 0 : 1]!;
  expect(foretold(aHistory({ seconds: 204, pools: { web: leak(10, 6) }, server }))?.perMinute).toBeCloseTo(6, 1);
});

describe("the limit of a role or of a database", () => {
  const session = (application: string): object => ({ user: application, database: `${application}_db` });
  const pools = { web: steady(30), report: leak(2, 6) };

  test("is told instead when it is reached before", () => {
    for (const limit of [
      { kind: "role", name: "report", limit: 40 } as const,
      { kind: "database", name: "report_db", limit: 40 } as const,
    ]) {
      const server = withAppSlots(94, { limits: [{ kind: "role", name: "web", limit: 31 }, limit] });
      const found = foretold(aHistory({ seconds: 300, pools, server, session }));
      expect(found?.limit).toEqual(limit);
      expect(found!.fullInSeconds).toBeGreaterThan(70);
      expect(found!.fullInSeconds).toBeLessThan(90);
    }
  });

  test("is not told when the slots are full before, nor when it is reached already", () => {
    for (const limit of [90, 32]) {
      const server = withAppSlots(94, { limits: [{ kind: "role", name: "report", limit }] });
      const found = foretold(aHistory({ seconds: 300, pools, server, session }));
      expect(found?.limit).toBeNull();
      expect(found!.fullInSeconds).toBeGreaterThan(290);
    }
  });
});
