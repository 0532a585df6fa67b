import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { standstill, type Standstill } from "../../src/standstill.ts";

// Clocks are fake: a machine that sleeps does not run timers, and afterwards its clock has gone on.

let story: string[];
let still: Standstill;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "setImmediate", "Date"] });
  story = [];
  still = standstill(
    () => story.push("beat"),
    () => story.push("discard"),
    (since, reason) => story.push(`${Math.round((Date.now() - since) / 1000)} s ago: ${reason}`),
  );
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

/** So many seconds in which nothing ran, and then the timer that is late. */
function nothingRuns(seconds: number): void {
  vi.setSystemTime(Date.now() + (seconds - 1) * 1000);
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(1);
}

test("a second is a beat", () => {
  vi.advanceTimersByTime(3000);
  expect(story).toEqual(["beat", "beat", "beat"]);
});

test("a busy moment is not told", () => {
  nothingRuns(2.5);
  expect(story).toEqual(["beat"]);
});

test("a machine that slept: what was under way is thrown away first, then it is told, once", () => {
  nothingRuns(40);
  expect(story).toEqual(["discard", "40 s ago: this machine slept, or was too busy, for 40 s"]);
  vi.advanceTimersByTime(1000);
  expect(story.slice(2)).toEqual(["beat"]);
});

test("SIGCONT is heard after the timer that is late, and is the reason all the same", () => {
  vi.setSystemTime(Date.now() + 4000);
  vi.advanceTimersToNextTimer();
  still.because("pgtriage was stopped");
  vi.advanceTimersByTime(1);
  expect(story).toEqual(["discard", "5 s ago: pgtriage was stopped for 5 s"]);
});

test("a reason is for now, not for some later time", () => {
  still.because("pgtriage was stopped");
  vi.advanceTimersByTime(2000);
  nothingRuns(10);
  expect(story.at(-1)).toBe("10 s ago: this machine slept, or was too busy, for 10 s");
});

test("a terminal that took nothing is told by who wrote to it, and not a second time by the clock", () => {
  vi.setSystemTime(Date.now() + 5000);
  still.stood(5000, "the terminal stood still");
  expect(story).toEqual(["discard", "5 s ago: the terminal stood still for 5 s"]);
  vi.advanceTimersByTime(1000);
  expect(story.slice(2)).toEqual(["beat"]);
});

test("suspended: from Ctrl-Z to fg, however many timers run late in between", () => {
  vi.advanceTimersByTime(1000);
  still.suspend();
  nothingRuns(60);
  still.resume("suspended");
  expect(story).toEqual(["beat", "discard", "60 s ago: suspended for 60 s"]);
});

test("not suspended after all: nothing is told", () => {
  still.suspend();
  vi.advanceTimersByTime(50);
  still.proceed();
  vi.advanceTimersByTime(950);
  expect(story).toEqual(["discard", "beat"]);
});
