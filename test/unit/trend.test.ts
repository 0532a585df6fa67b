import { describe, expect, test } from "vitest";
import { trend } from "../../src/analysis/trend.ts";
import { breathing, jump, leak, sawTeeth, steady, type Size } from "./pools.ts";

function perMinute(size: Size, seconds: number, { every = 2, wall = null as number | null } = {}): number | null {
  const at = Array.from({ length: Math.trunc(seconds / every) + 1 }, (_, i) => i * every);
  const found = trend({ seconds: at, values: at.map((second) => Math.floor(size(second) + 1e-9)) }, wall);
  return found === null ? null : found.perSecond * 60;
}

describe("a steady climb", () => {
  test.each([
    ["of 2 a minute, after five minutes", leak(500, 2), 300, 2],
    ["of 60 a minute, after fifteen seconds", leak(500, 60), 15, 60],
    ["of 60 a minute that began fifteen seconds ago, after ten quiet minutes", leak(500, 60, 600), 615, 60],
    ["of 2 a minute that began five minutes ago, after ten quiet ones", leak(500, 2, 600), 900, 2],
    ["of 1 in three minutes, after half an hour", leak(500, 1 / 3), 1799, 1 / 3],
  ])("%s", (_, size, seconds, expected) => {
    const found = perMinute(size, seconds);
    expect(found).toBeGreaterThan(expected * 0.9);
    expect(found).toBeLessThan(expected * 1.1);
  });

  test("is told with samples half a minute apart as well", () => {
    expect(perMinute(leak(500, 2), 600, { every: 30 })).toBeCloseTo(2, 1);
  });

  test("stands where the line is now, not where the last number is", () => {
    const seconds = Array.from({ length: 31 }, (_, i) => i * 2);
    const found = trend({ seconds, values: seconds.map((at) => 100 + at + (at === 60 ? 3 : 0)) });
    expect(found?.level).toBeGreaterThan(159);
    expect(found?.level).toBeLessThan(161.5);
  });

  test("that goes on after somebody ended the half of it is one again before it is as high as it was", () => {
    const again: Size = (at) => (at < 300 ? 80 + at / 10 : 85 + (at - 300) / 10);
    expect(perMinute(again, 500)).toBeCloseTo(6, 0);
  });

  test("that has run into the wall again and again is one the next time, too", () => {
    const ended: Size = (at) => 60 + (at % 150) / 4;
    expect(perMinute(ended, 3 * 150 + 140, { wall: 100 })).toBeCloseTo(15, 0);
  });
});

describe("no climb is", () => {
  test.each([
    ["a flat line", steady(500), 1800],
    ["a fall", (at: number) => 500 - at / 10, 600],
    ["one jump", jump(500, 600, 300), 302],
    ["one jump, a while ago", jump(500, 600, 300), 600],
    ["two jumps", (at: number) => 500 + (at < 200 ? 0 : at < 400 ? 30 : 60), 598],
    ["a growth of three", leak(500, 3), 60],
    ["one that is over", (at: number) => 500 + Math.min(20, at / 30), 720],
    ["a storm that is over", (at: number) => 500 + Math.max(0, Math.min(60, (at - 300) * 6)), 330],
    ["the fourth tooth of a saw", sawTeeth(300, 60, 120), 470],
    ["a restart of the application, half way back", (at: number) => (at < 300 ? 300 : (at - 300) * 2), 400],
    ["what five samples show", leak(500, 60), 8],
  ])("%s", (_, size, seconds) => {
    expect(perMinute(size, seconds)).toBeNull();
  });

  test.each([2, 6, 30])("a pool that breathes by three every %i seconds, once some breaths were seen", (every) => {
    for (let seed = 1; seed <= 20; seed++) {
      const size = breathing(62, 3, seed, every);
      for (let at = 15 * every; at <= 60 * every; at += every)
        expect(perMinute(size, at), `seed ${seed} at ${at}`).toBeNull();
    }
  });

  test("nothing at all, or one number", () => {
    expect(trend({ seconds: [], values: [] })).toBeNull();
    expect(trend({ seconds: [1], values: [1] })).toBeNull();
  });
});
