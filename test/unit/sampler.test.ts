import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Lane } from "../../src/model/lane.ts";
import type { Sample } from "../../src/model/reading.ts";
import { sampler, type Sampler } from "../../src/sampler.ts";
import type { Opened } from "../../src/way-in.ts";
import type { Source, Wishes } from "../../src/source/postgres.ts";
import type { Message } from "../../src/state/message.ts";
import { aSample, aServer } from "./builders.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A source whose samples are answered by the test, one by one. */
interface Played extends Opened {
  /** What each sample was asked to have. */
  readonly wishes: readonly (Wishes | undefined)[];
  answer(): void;
  breaks(): void;
  readonly isClosed: () => boolean;
}

function played(lane: Lane): Played {
  const asked: { resolve(sample: Sample): void; reject(error: Error): void }[] = [];
  const wishes: (Wishes | undefined)[] = [];
  let closed = false;
  const source: Source = {
    read(wish) {
      wishes.push(wish);
      return new Promise((resolve, reject) => void asked.push({ resolve, reject }));
    },
    wholeQuery: () => Promise.resolve(null),
    holdings: () => Promise.resolve(null),
    deadTuples: () => Promise.resolve([]),
    signal: () => new Promise(() => {}),
    close: () => void (closed = true),
  };
  const sample = aSample({ server: aServer({ lane }) });
  return {
    source,
    wishes,
    lane,
    closed: [],
    lastPlace: false,
    onLost: () => undefined,
    answer: () => asked.shift()!.resolve(sample),
    breaks: () => asked.shift()!.reject(new Error("gone")),
    isClosed: () => closed,
  };
}

/** In by the walsender lane, with a normal slot to be had. */
function inALesserLane(): { lesser: Played; normal: Played; loop: Sampler; told: Message[]; opens: () => number } {
  const lesser = played("walsender");
  const normal = played("normal");
  const told: Message[] = [];
  let opens = 0;
  const loop = sampler({
    intervalSeconds: 1,
    open: () => {
      opens++;
      return Promise.resolve(played("normal"));
    },
    better: () => new Promise((resolve) => setTimeout(() => resolve(normal), 1500)),
    notIn: () => ({ reason: "", closed: [], lastPlace: false, wrongPassword: false }),
    explain: () => "",
    emit: (message) => void told.push(message),
    log: () => undefined,
  });
  loop.start(lesser);
  return { lesser, normal, loop, told, opens: () => opens };
}

test("the lane that breaks when a better one has just been opened gives way to that one, and no connection is left behind", async () => {
  const { lesser, normal, loop, told, opens } = inALesserLane();
  lesser.answer();
  // The next sample is under way when the better lane opens.
  await vi.advanceTimersByTimeAsync(1600);
  expect(lesser.isClosed()).toBe(false);
  lesser.breaks();
  await vi.advanceTimersByTimeAsync(1);
  expect(lesser.isClosed()).toBe(true);
  normal.answer();
  await vi.advanceTimersByTimeAsync(1);
  expect(told.at(-1)).toMatchObject({ kind: "reading", reading: { server: { lane: "normal" } } });
  expect(opens()).toBe(0);
  expect(normal.isClosed()).toBe(false);
  loop.stop();
  expect(normal.isClosed()).toBe(true);
});

test("what was not tried again is as closed as before", async () => {
  const closed = (lane: Lane, why: string) => ({ lane, why, forWantOfSlot: true });
  const told: Message[] = [];
  const lesser = { ...played("walsender"), closed: [closed("normal", "full"), closed("rescue", "full, too")] };
  const loop = sampler({
    intervalSeconds: 1,
    open: () => Promise.reject(new Error("not tried")),
    better: () => Promise.reject(new Error("full")),
    notIn: () => ({ reason: "", closed: [closed("normal", "still full")], lastPlace: false, wrongPassword: false }),
    explain: () => "",
    emit: (message) => void told.push(message),
    log: () => undefined,
  });
  loop.start(lesser);
  lesser.answer();
  await vi.advanceTimersByTimeAsync(1);
  expect(told.at(-1)).toMatchObject({
    kind: "entry",
    entry: { closed: [closed("normal", "still full"), closed("rescue", "full, too")] },
  });
  loop.stop();
});

test("whoever leaves while a better lane is being opened leaves no connection behind", async () => {
  const { lesser, normal, loop } = inALesserLane();
  lesser.answer();
  await vi.advanceTimersByTimeAsync(100);
  loop.stop();
  await vi.advanceTimersByTimeAsync(2000);
  expect([lesser.isClosed(), normal.isClosed()]).toEqual([true, true]);
});

test("whoever begins to look closely has the next sample at once and with it; the others are as always", async () => {
  const { lesser, loop } = inALesserLane();
  lesser.answer();
  await vi.advanceTimersByTimeAsync(100);
  const all = { workings: true, usage: true };
  loop.watch(all);
  await vi.advanceTimersByTimeAsync(1);
  lesser.answer();
  await vi.advanceTimersByTimeAsync(1);
  loop.watch({ workings: false, usage: false });
  await vi.advanceTimersByTimeAsync(1);
  expect(lesser.wishes).toEqual([
    { brief: true, workings: false, usage: false },
    { brief: false, ...all },
  ]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(lesser.wishes.at(-1)).toEqual({ brief: false, workings: false, usage: false });
  loop.stop();
});
