import { expect, test } from "vitest";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Sample } from "../../src/model/reading.ts";
import { processesSummary } from "../../src/panels/process-head.ts";
import {
  aCounters,
  aProcessUsage,
  aSample,
  aServer,
  aServersWorker,
  aTuning,
  aUsage,
  aWorkings,
  settings,
} from "./builders.ts";
import { asleep, aServerAtWork, aStandby } from "./processes.ts";

function said(sample: Sample, width = 200): string {
  const { spans } = processesSummary(sample, append(emptyHistory(), sample), width);
  return spans.map(({ text }) => text).join("");
}

const WALSENDER = { ...asleep("walsender", 5, "WalSenderMain"), application: "standby-1", database: null };
const LAGS = {
  ...{ pid: 5, state: "streaming", syncState: "async", slotName: null, unsentBytes: 0 },
  ...{ unreplayedBytes: 2 ** 30, replaySeconds: 90 },
};

test("what fails stands first, in few words, wherever its row is", () => {
  const { sample } = aServerAtWork();
  expect(said(sample)).toMatch(/^▲ archiver fails, look at /);
  expect(said(sample, 40)).toMatch(/^▲ archiver fails, 1 to look at *$/);
  expect(said(sample, 23)).toMatch(/^▲ archiver fails *$/);
});

test("a standby that lags far is one to look at, by its name", () => {
  const sample = aSample({ backends: [WALSENDER], workings: aWorkings({ standbys: [LAGS] }), counters: aCounters() });
  expect(said(sample)).toContain("look at walsender standby-1, 2 of the server's own");
});

test("who can wait least stands first: a standby far behind before a worker, the farther one before the other", () => {
  const worker = { ...aServersWorker({ pid: 8, query: "autovacuum: VACUUM public.a (to prevent wraparound)" }) };
  const far = { ...WALSENDER, pid: 6, key: "6@x" as const, application: "standby-2" };
  const lags = [LAGS, { ...LAGS, pid: 6, replaySeconds: 420 }];
  const sample = aSample({ backends: [worker, WALSENDER, far], workings: aWorkings({ standbys: lags }) });
  expect(said(sample)).toContain("look at walsender standby-2, walsender standby-1 and 1 more, ");
});

test("a name is there whole or not at all", () => {
  const { sample, history } = aServerAtWork();
  const names = "(look at autovacuum worker dwh(, background writer| and 1 more)|2 to look at)";
  for (let width = 16; width <= 200; width++) {
    const { spans } = processesSummary(sample, history, width);
    const text = spans.map((span) => span.text).join("");
    expect(text.trimEnd(), String(width)).toMatch(new RegExp(`^▲ archiver fails(, ${names})?(, |$)`));
  }
});

test("of more than two the number", () => {
  const many = [5, 6, 7].map((pid) => ({ ...WALSENDER, pid, key: `${pid}@x` as const, application: `s${pid}` }));
  const standbys = many.map(({ pid }) => ({ ...LAGS, pid }));
  const sample = aSample({ backends: many, workings: aWorkings({ standbys }) });
  expect(said(sample)).toContain("look at walsender s5, walsender s6 and 1 more, ");
});

test("one that is missing is named before all that is there", () => {
  const server = aServer({ tuning: aTuning({ settings: settings({ archive_mode: "on" }) }) });
  const sample = aSample({ backends: [asleep("checkpointer", 5, "CheckpointerMain")], server });
  expect(said(sample)).toMatch(/^▲ no archiver, 2 of the server's own/);
});

test("of several that are missing as many as there is room for, and how many more", () => {
  const tuning = aTuning({ settings: settings({ archive_mode: "on", summarize_wal: "on", io_method: "worker" }) });
  const sample = aSample({ backends: [asleep("checkpointer", 5, "CheckpointerMain")], server: aServer({ tuning }) });
  expect(said(sample)).toMatch(/^▲ no walsummarizer, ▲ no archiver, ▲ no io worker, 2 of/);
  expect(said(sample, 45)).toMatch(/^▲ no walsummarizer, ▲ no archiver and 1 more *$/);
  expect(said(sample, 30)).toMatch(/^▲ no walsummarizer and 2 more *$/);
});

test("a standby that has been paused is one to look at", () => {
  expect(said(aStandby())).toContain("look at startup");
});

test("what is not measured is in no sum: no processor time before the second look, and memory as far as it is known", () => {
  const backends = [asleep("checkpointer", 5, "CheckpointerMain"), asleep("walwriter", 6, "WalWriterMain")];
  const of = (...memory: readonly (number | null)[]): Sample["usage"] => ({
    ...aUsage(),
    processes: new Map(memory.map((memoryBytes, i) => [i, aProcessUsage({ pid: i, memoryBytes, cpuPercent: null })])),
  });
  expect(said(aSample({ backends, usage: of(2 ** 20, 2 ** 20) }))).toMatch(/all: 2\.0 MB of their own/);
  expect(said(aSample({ backends, usage: of(2 ** 20, null) }))).toMatch(/all: ≥1\.0 MB of their own/);
  expect(said(aSample({ backends, usage: of(null) }))).not.toContain("all:");
  expect(said(aSample({ backends, usage: aUsage({ pid: 5, cpuPercent: 12 }) }))).toMatch(/all: CPU 12 %, /);
});
