import { describe, expect, test } from "vitest";
import { processTree, type ProcessNode } from "../../src/analysis/process-tree.ts";
import { append, emptyHistory } from "../../src/history/history.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import type { CloseLookStatement } from "../../src/model/refusal.ts";
import { ioLine, usageLine, vitalSign } from "../../src/panels/vital-signs.ts";
import type { Vital } from "../../src/panels/vital.ts";
import { howFar } from "../../src/panels/vital-workers.ts";
import {
  aBackend,
  aCounters,
  anAuxiliary,
  aSample,
  aServer,
  aSetting,
  aServersWorker,
  aTuning,
  aUsage,
  aWorkings,
  refusing,
  SERVER_NOW,
  settings,
} from "./builders.ts";
import { asleep, hiddenProcesses } from "./processes.ts";

const MB = 2 ** 20;

function nodeOf(sample: Sample, kind: string): ProcessNode {
  return processTree(sample).find((node) => node.kind === kind)!;
}

/** Of the latest of these samples. */
function signOf(kind: string, ...samples: readonly Sample[]): Vital {
  const sample = samples.at(-1)!;
  return vitalSign(nodeOf(sample, kind), sample, samples.reduce(append, emptyHistory()));
}

function about({ more }: Vital): string {
  return more.map(({ text }) => text).join(" ");
}

function one(backend: Backend, given: Partial<Sample> = {}): Sample {
  return aSample({ backends: [backend], counters: aCounters(), workings: aWorkings(), ...given });
}

const HOST = aServer({ lane: "host", ownPid: null, tuning: null });

describe("what is not known is said with its reason", () => {
  const kinds = ["checkpointer", "background writer", "walwriter", "archiver", "startup", "walreceiver", "walsender"];
  const others = ["logical replication apply worker", "logical replication launcher"];

  test.each([...kinds, ...others])("of the %s, without SQL and before it is read", (kind) => {
    const unread = signOf(kind, aSample({ backends: [anAuxiliary(kind, 5)] }));
    expect(unread).toMatchObject({ short: "unknown: not read yet", tone: "muted" });
    expect(about(unread)).toMatch(/^How it does is unknown, because /);
    const host = signOf(kind, aSample({ backends: [anAuxiliary(kind, 5)], server: HOST }));
    expect(host).toMatchObject({ short: "unknown: no SQL", tone: "muted" });
    expect(about(host)).toContain("without SQL");
  });

  test("of a hidden row, with what would show it", () => {
    const usage = aUsage({ pid: 5, kind: "autovacuum worker" });
    const sign = signOf("autovacuum worker", aSample({ backends: hiddenProcesses(5), usage }));
    expect(about(sign)).toBe("What it does is hidden from our role: GRANT pg_monitor TO monitor.");
  });

  test("of what it takes of the machine", () => {
    const checkpointer = asleep("checkpointer", 5, "CheckpointerMain");
    const elsewhere = aSample({ backends: [checkpointer] });
    expect(usageLine(nodeOf(elsewhere, "checkpointer"), elsewhere)).toContain("another machine");
    const here = aSample({ ...elsewhere, server: aServer({ tuning: aTuning({ machineBytes: 2 ** 34 }) }) });
    expect(usageLine(nodeOf(here, "checkpointer"), here)).toContain("while somebody looks");
    const measured = { pid: 5, cpuPercent: null, memoryHow: "at most" as const, readBytesPerSecond: null };
    const seen = aSample({ ...elsewhere, usage: aUsage(measured) });
    expect(usageLine(nodeOf(seen, "checkpointer"), seen)).toBe(
      "Processor: not measured yet. Memory of its own: at most 1.2 MB, shared_buffers not among it. Disk: not measured yet.",
    );
  });
});

describe("what the server refuses is none of those that are not there", () => {
  test.each<[string, CloseLookStatement]>([
    ["checkpointer", "counters"],
    ["background writer", "counters"],
    ["walwriter", "counters"],
    ["archiver", "counters"],
    ["startup", "recovery"],
    ["walreceiver", "recovery"],
    ["walsender", "standbys"],
    ["logical replication apply worker", "subscriptions"],
    ["logical replication launcher", "subscriptions"],
  ])("%s: %s", (kind, statement) => {
    const sign = signOf(kind, refusing(one(anAuxiliary(kind, 5)), statement));
    expect(sign).toMatchObject({ short: "unknown: refused", tone: "muted" });
    expect(about(sign)).toMatch(
      /^How it does is unknown, because the server refuses .+; it is asked again in 4 min\.$/,
    );
    expect(about(sign)).toContain(`: permission denied for what ${statement}.sql reads;`);
  });

  test.each([
    ["55P03", "locked", "because somebody has locked what pg_stat_replication is read from: "],
    ["57014", "no answer", "because the server canceled the message that asks for pg_stat_replication: "],
    ["0A000", "refused", "because the server refuses pg_stat_replication: "],
  ])("and says how, by SQLSTATE: %s", (sqlstate, short, because) => {
    const sample = refusing(one(anAuxiliary("walsender", 5)), "standbys");
    const refused = sample.refused.map((refusal) => ({ ...refusal, sqlstate }));
    const sign = signOf("walsender", { ...sample, refused });
    expect(sign.short).toBe(`unknown: ${short}`);
    expect(about(sign)).toContain(because);
  });

  test("while nobody looks that is why, and when its time is over it is asked at once", () => {
    const sample = refusing(one(anAuxiliary("walsender", 5)), "standbys");
    expect(signOf("walsender", { ...sample, workings: null }).short).toBe("unknown: not read yet");
    const later = { ...sample, serverSeconds: SERVER_NOW + 240 };
    expect(about(signOf("walsender", later))).toMatch(/it is asked again in a moment\.$/);
  });

  test("a backup that is told by its progress does not need pg_stat_replication, nor the other way round", () => {
    const walsender = anAuxiliary("walsender", 5);
    const progress = {
      ...{ pid: 5, command: "BASE_BACKUP", phase: "transferring wal files", database: null },
      ...{ relation: null, relationId: null, done: null, total: null, unit: null },
    };
    const link = {
      ...{ pid: 5, state: "backup", syncState: "async", slotName: null },
      ...{ unsentBytes: null, unreplayedBytes: null, replaySeconds: null },
    };
    const sample = one(walsender, { workings: aWorkings({ progress: [progress], standbys: [link] }) });
    expect(signOf("walsender", refusing(sample, "standbys")).short).toBe("BASE BACKUP, transferring wal files");
    const untold = signOf("walsender", refusing(sample, "progress"));
    expect(untold.short).toBe("backup async");
    expect(about(untold)).toContain(
      "How far its backup is is unknown, because the server refuses pg_stat_progress_*: ",
    );
  });

  test("how far a worker is, or a query that may be told of", () => {
    const worker = refusing(one(aServersWorker({ pid: 6 })), "progress");
    const sign = signOf("autovacuum worker", worker);
    expect(sign.short).toBe("VACUUM public.events, how far unknown: refused");
    expect(about(sign)).toContain("How far it is is unknown, because the server refuses pg_stat_progress_*: ");
    const [idle, active] = [aBackend(), aBackend({ state: "active" })];
    const sample = refusing(one(idle), "progress");
    expect(howFar(idle, sample)).toEqual([]);
    expect(howFar(active, { ...sample, workings: null })).toEqual([]);
    expect(howFar(active, sample)[0]!.text).toContain("is unknown, because the server refuses pg_stat_progress_*: ");
  });

  test("what its kind has read and written", () => {
    const sample = refusing(one(anAuxiliary("checkpointer", 5)), "io");
    expect(ioLine(nodeOf(sample, "checkpointer"), sample)).toContain("because the server refuses pg_stat_io: ");
    const writer = { ...sample, backends: [anAuxiliary("walwriter", 6), anAuxiliary("pg_cron launcher", 7)] };
    const before18 = { ...writer, server: aServer({ major: 17 }) };
    expect(ioLine(nodeOf(writer, "walwriter"), writer)).toContain("because the server refuses pg_stat_io: ");
    expect(ioLine(nodeOf(before18, "walwriter"), before18)).toBeNull();
    expect(ioLine(nodeOf(writer, "pg_cron launcher"), writer)).toBeNull();
  });

  const archiver = one(asleep("archiver", 5, "ArchiverMain"), {
    counters: aCounters({ archiver: { lastArchivedSeconds: SERVER_NOW - 30, lastArchivedWal: "A1" } }),
  });
  const behind = (bytes: number) => aCounters({ archiver: { behindBytes: bytes } });

  test.each<[string, Sample, string]>([
    ["before 12", { ...archiver, server: aServer({ major: 11 }) }, "before 12 nobody may count them by SQL"],
    [
      "without the right to",
      { ...archiver, server: aServer({ listArchiveStatus: false }) },
      "counting them needs pg_monitor: GRANT pg_monitor TO monitor",
    ],
    ["too many", { ...archiver, counters: behind(100_001 * 16 * MB) }, "there are too many to look at each"],
    ["refused", refusing(archiver, "to-archive"), "the server refuses pg_ls_archive_statusdir(): permission denied"],
    ["while nobody looks", { ...archiver, workings: null }, "that is read while somebody looks"],
    ["not yet", archiver, "it has not been read yet"],
  ])("why files that wait for the archiver are not counted: %s", (_, sample, why) => {
    expect(about(signOf("archiver", sample))).toContain(`the files that wait are not counted, because ${why}`);
  });

  const worker = one(asleep("io worker", 5, "IoWorkerMain"));

  test.each<[string, Sample, string]>([
    ["before 18", { ...worker, server: aServer({ major: 17 }) }, "before 18 no view tells it"],
    [
      "without the right to",
      { ...worker, server: aServer({ getAios: false }) },
      "pg_aios needs pg_read_all_stats: GRANT pg_monitor TO monitor",
    ],
    ["refused", refusing(worker, "io-under-way"), "the server refuses pg_aios: permission denied"],
    ["while nobody looks", { ...worker, workings: null }, "that is read while somebody looks"],
    ["not yet", worker, "it has not been read yet"],
  ])("why it is not known how much I/O is under way: %s", (_, sample, why) => {
    const said = about(signOf("io worker", sample));
    expect(said).toContain(`How much I/O is under way is unknown, because ${why}`);
  });
});

describe("without SQL some titles tell", () => {
  test.each([
    ["archiver", "archiver last was 0000000100000000000000A0", "last was 0000000100000000000000A0", "normal"],
    [
      "archiver",
      "archiver process   failed on 0000000100000000000000A0",
      "failed on 0000000100000000000000A0",
      "critical",
    ],
    [
      "archiver",
      "prod: x: archiver archiving 0000000100000000000000A0",
      "archiving 0000000100000000000000A0",
      "normal",
    ],
    ["startup", "startup recovering 0000000100000000000000A0", "recovering 0000000100000000000000A0", "normal"],
    ["walreceiver", "wal receiver process   streaming 0/3000060", "streaming 0/3000060", "normal"],
  ])("%s: %s", (kind, title, short, tone) => {
    const usage = aUsage({ pid: 5, kind, title });
    expect(signOf(kind, aSample({ backends: [anAuxiliary(kind, 5)], server: HOST, usage }))).toMatchObject({
      short,
      tone,
    });
  });
});

describe("the checkpointer", () => {
  const checkpointer = asleep("checkpointer", 5, "CheckpointerMain");
  const at = (seconds: number, checkpoints: Parameters<typeof aCounters>[0]): Sample =>
    one(checkpointer, {
      ...{ serverSeconds: SERVER_NOW + seconds, takenAt: (SERVER_NOW + seconds) * 1000 },
      counters: aCounters({ atSeconds: SERVER_NOW + seconds, ...checkpoints }),
    });

  test("is told by all since the reset before there are two readings", () => {
    const sign = signOf(
      "checkpointer",
      at(0, { checkpoints: { timed: 4, requested: 1, done: 3, writeMs: 6000, syncMs: 90 } }),
    );
    expect(sign.short).toBe("4 timed, 1 requested since reset");
    expect(about(sign)).toContain(
      "4 timed checkpoints, 1 requested, 3 of them with something to do: for each 2 s of writing, 30 ms of syncing",
    );
    expect(about(sign)).toContain("When the last checkpoint ended is unknown, because none has ended since we look.");
  });

  test("is told altogether before 18, which counts timed ones that had nothing to do", () => {
    const idle = { timed: 288, requested: 2, done: null, writeMs: 60_000, syncMs: 900 };
    expect(about(signOf("checkpointer", at(0, { checkpoints: idle })))).toContain(
      "288 timed checkpoints, 2 requested: altogether 60 s of writing, 900 ms of syncing",
    );
  });

  test("then by the last quarter of an hour, with a warning where WAL has forced them, and none where somebody has asked", () => {
    const before = at(0, { checkpoints: { timed: 4, requested: 1, done: 3 } });
    const quiet = at(300, { checkpoints: { timed: 5, requested: 1, done: 4 } });
    expect(signOf("checkpointer", before, quiet)).toMatchObject({
      short: "1 timed, 0 requested in 5 min",
      tone: "normal",
    });
    const forced = at(600, { checkpoints: { timed: 5, requested: 5, done: 8 } });
    const later = at(630, { checkpoints: { timed: 5, requested: 5, done: 8 } });
    const sign = signOf("checkpointer", before, quiet, forced, later);
    expect(sign).toMatchObject({ short: "1 timed, 4 requested in 11 min", tone: "normal" });
    const limits = [
      aSetting("max_wal_size", "1024", { unit: "MB" }),
      aSetting("checkpoint_timeout", "300", { unit: "s" }),
    ];
    const server = aServer({ tuning: aTuning({ settings: limits }) });
    const wal = (sample: Sample, gigabytes: number): Sample => ({
      ...sample,
      server,
      counters: { ...sample.counters!, walBytes: 2 ** 40 + gigabytes * 2 ** 30 },
    });
    expect(signOf("checkpointer", wal(before, 0), wal(later, 4)).tone).toBe("warn");
    expect(about(sign)).toContain("The last checkpoint ended about 30.0s ago.");
  });

  test("before 18 the last one is told by what it has written", () => {
    const before = at(0, { checkpoints: { timed: 4, done: null, writeMs: 100 } });
    const began = at(10, { checkpoints: { timed: 5, done: null, writeMs: 100 } });
    const ended = at(20, { checkpoints: { timed: 5, done: null, writeMs: 9000 } });
    expect(about(signOf("checkpointer", before, began))).toContain("is unknown");
    expect(about(signOf("checkpointer", before, began, ended))).toContain("The last checkpoint has just ended.");
  });

  test("a standby's are restartpoints", () => {
    const server = aServer({ role: "standby" });
    const counters = aCounters({ checkpoints: { timed: 0, restartpoints: { timed: 7, requested: 2, done: 8 } } });
    const sign = signOf("checkpointer", one(checkpointer, { server, counters }));
    expect(sign.short).toBe("7 timed, 2 requested since reset");
    expect(about(sign)).toContain("7 timed restartpoints");
  });
});

describe("who writes buffers", () => {
  const writer = asleep("background writer", 5, "BgwriterMain");
  const before = one(writer, { serverSeconds: SERVER_NOW - 60, counters: aCounters({ atSeconds: SERVER_NOW - 60 }) });

  const at = (secondsAgo: number, written: number, backgroundWriterStopped = 0): Sample =>
    one(writer, {
      serverSeconds: SERVER_NOW - secondsAgo,
      counters: aCounters({
        atSeconds: SERVER_NOW - secondsAgo,
        buffers: { backgroundWriter: 2 * written, sessions: written, backgroundWriterStopped },
        checkpoints: { buffers: written },
      }),
    });

  test("in the last few seconds; in the pane in the last minute as well, in which a load may have ended", () => {
    const sign = signOf("background writer", before, at(8, 3000), at(4, 3000), at(0, 3010));
    expect(sign).toMatchObject({ short: "5 buffers/s, by itself 50 %, checkpointer 25 %, sessions 25 %" });
    expect(about(sign)).toContain("In the last 8 s: 5 buffers/s");
    expect(about(sign)).toContain("In the last 60 s: 201 buffers/s");
    expect(signOf("background writer", before, at(6, 3000), at(0, 3000)).short).toBe("no buffer written");
    expect(signOf("background writer", before, at(6, 3000), at(0, 3001)).short).toMatch(/^less than 1 buffer\/s, /);
  });

  test("where readings are far apart the row says so", () => {
    expect(signOf("background writer", before, at(0, 300)).short).toBe(
      "20 buffers/s in 60 s, by itself 50 %, checkpointer 25 %, sessions 25 %",
    );
    expect(signOf("background writer", before, one(writer)).short).toBe("no buffer written in 60 s");
  });

  test.each([
    [1, 60, "normal", "it stopped once"],
    [30, 60, "normal", "it stopped 30 times"],
    [31, 60, "warn", "it stopped 31 times"],
    // Eight seconds are too few to tell how it does.
    [4, 8, "normal", "it stopped 4 times"],
    [60, 240, "normal", "it stopped 60 times"],
    [130, 240, "warn", "it stopped 130 times"],
  ])("%i times cut short in %i s: %s", (stopped, seconds, tone, words) => {
    const sign = signOf("background writer", at(seconds, 0), at(0, 300, stopped));
    expect(sign.tone).toBe(tone);
    expect(about(sign)).toContain(words);
    if (tone === "warn") expect(sign.short).toMatch(new RegExp(`^stopped ${stopped} times in `));
  });

  test("of sessions it is not told", () => {
    const sign = signOf(
      "background writer",
      one(writer, { counters: aCounters({ buffers: { sessions: null, backgroundWriter: 5 } }) }),
    );
    expect(sign.short).toBe("written by itself 100 %, checkpointer 0 %, sessions ?");
    expect(about(sign)).toContain("is unknown");
  });
});

describe("WAL of a second", () => {
  const writer = asleep("walwriter", 5, "WalWriterMain");
  const at = (
    secondsAgo: number,
    walBytes: number | null,
    currentWal: string | null = "0000000100000A0000000042",
  ): Sample =>
    one(writer, {
      serverSeconds: SERVER_NOW - secondsAgo,
      counters: aCounters({ atSeconds: SERVER_NOW - secondsAgo, walBytes, archiver: { currentWal } }),
    });

  test("from two readings", () => {
    expect(signOf("walwriter", at(10, 0)).short).toBe("unknown: one reading yet");
    expect(signOf("walwriter", at(10, 0), at(0, 40 * MB)).short).toBe("4.0 MB of WAL/s");
    expect(signOf("walwriter", at(0, null)).short).toBe("unknown: not told");
  });

  test("of the last few seconds; the pane has those of a minute as well", () => {
    const sign = signOf("walwriter", at(60, 0), at(6, 600 * MB), at(4, 600 * MB), at(0, 600 * MB));
    expect(sign.short).toBe("0 B of WAL/s");
    expect(about(sign)).toContain("0 B of WAL in the last 6 s");
    expect(about(sign)).toContain("600 MB of WAL in the last 60 s, 10 MB a second");
  });

  test("where readings are far apart the row says so", () => {
    expect(signOf("walwriter", at(30, 0), at(0, 60 * MB)).short).toBe("2.0 MB of WAL/s in 30 s");
  });

  test("not what was replayed before a promotion", () => {
    const replayed = [at(20, 0, null), at(10, 900 * MB, null)];
    expect(signOf("walwriter", ...replayed, at(2, 1000 * MB)).short).toBe("unknown: one reading yet");
    expect(signOf("walwriter", ...replayed, at(2, 1000 * MB), at(0, 1002 * MB)).short).toBe("1.0 MB of WAL/s");
  });
});

describe("the archiver", () => {
  const archiver = asleep("archiver", 5, "ArchiverMain");
  const server = aServer({ tuning: aTuning({ settings: settings({ archive_mode: "on" }) }) });
  const of = (given: Parameters<typeof aCounters>[0], files: number | null = null): Vital =>
    signOf(
      "archiver",
      one(archiver, { server, counters: aCounters(given), workings: aWorkings({ walFilesToArchive: files }) }),
    );

  test("works; the file that is written now does not wait for it", () => {
    const archived = { lastArchivedSeconds: SERVER_NOW - 30, lastArchivedWal: "A1" };
    const sign = of({ archiver: { ...archived, behindBytes: 15 * MB } });
    expect(sign).toMatchObject({ short: "last success 30.0s ago, nothing waits", tone: "normal" });
    expect(about(sign)).toContain("No full file waits for it.");
  });

  test("files and bytes are of one source, the one that findings go by; the count, where positions tell nothing", () => {
    const archived = { lastArchivedSeconds: SERVER_NOW - 30, lastArchivedWal: "A1" };
    expect(of({ archiver: { ...archived, behindBytes: 215 * MB } }, 14).short).toBe(
      "last success 30.0s ago, 13 files, 208 MB behind",
    );
    const failed = { lastFailedSeconds: SERVER_NOW - 2, lastFailedWal: "0000000100000A0000000035" };
    expect(of({ archiver: { ...failed, behindBytes: 10 * MB } }, 14).short).toMatch(/^FAILS: 13 files, 208 MB behind/);
    const promoted = of({}, 2);
    expect(promoted.short).toBe("never a success, 2 files, 32 MB behind");
    expect(about(promoted)).toContain("2 full files wait for it, 32 MB.");
    expect(of({}).short).toBe("never a success");
  });

  test("fails: since when, and on which file", () => {
    const failed = { lastFailedSeconds: SERVER_NOW - 2, lastFailedWal: "A2", failed: 7 };
    const sign = of(
      { archiver: { ...failed, lastArchivedSeconds: SERVER_NOW - 600, lastArchivedWal: "A1", behindBytes: 48 * MB } },
      3,
    );
    expect(sign).toMatchObject({
      short: "FAILS: 3 files, 48 MB behind, last success 10m00 ago, last failure 2.0s ago",
      tone: "critical",
    });
    expect(about(sign)).toContain("Last failure: A2, 2.0s ago; it is tried again and again");
    expect(of({ archiver: failed }).short).toBe("FAILS, never a success, last failure 2.0s ago");
  });

  test("has failed once", () => {
    const sign = of({
      archiver: { lastFailedSeconds: SERVER_NOW - 60, lastFailedWal: "A1", lastArchivedSeconds: SERVER_NOW - 30 },
    });
    expect(sign.tone).toBe("normal");
    expect(about(sign)).toContain("it has worked since");
    expect(about(sign)).toContain("How far behind it is is unknown");
  });

  test("before 14, which shows no row of it, is told by its counters all the same", () => {
    const server = aServer({ major: 13, tuning: aTuning({ settings: settings({ archive_mode: "on" }) }) });
    const counters = aCounters({ archiver: { lastFailedSeconds: SERVER_NOW - 2, lastFailedWal: "A2" } });
    const sign = signOf("archiver", aSample({ server, counters }));
    expect(sign.tone).toBe("critical");
    expect(about(sign)).toContain("SQL does not show it before 14");
    expect(signOf("archiver", aSample({ server })).short).toContain("SQL does not show it before 14");
  });
});

describe("autovacuum", () => {
  const launcher = asleep("autovacuum launcher", 5, "AutovacuumMain");

  test("n of so many workers, with a warning when all are busy", () => {
    const workers = [6, 7, 8].map((pid) => aServersWorker({ pid }));
    expect(signOf("autovacuum launcher", aSample({ backends: [launcher] }))).toMatchObject({
      short: "0 of 3 workers busy",
      tone: "normal",
    });
    expect(signOf("autovacuum launcher", aSample({ backends: [launcher, ...workers] }))).toMatchObject({
      short: "3 of 3 workers busy",
      tone: "warn",
    });
    expect(signOf("autovacuum launcher", aSample({ backends: [launcher], server: HOST })).short).toBe(
      "0 of ? workers busy",
    );
  });

  test("a worker with its share, table and phase; of another database the number alone, or the name that its query has", () => {
    const progress = {
      ...{ pid: 6, command: "VACUUM", phase: "vacuuming heap", database: "shop" },
      ...{ relation: "public.events", relationId: 7, done: 1, total: 4, unit: "blocks" as const },
    };
    const of = (given: Partial<typeof progress> | object, query = ""): string =>
      signOf(
        "autovacuum worker",
        one(aServersWorker({ pid: 6, query }), { workings: aWorkings({ progress: [{ ...progress, ...given }] }) }),
      ).short;
    expect(of({})).toBe("VACUUM 25 % events, vacuuming heap");
    const elsewhere = { relation: null, database: "dwh" };
    expect(of(elsewhere)).toBe("VACUUM 25 % table 7 of dwh, vacuuming heap");
    expect(of(elsewhere, "autovacuum: VACUUM ANALYZE public.big")).toBe("VACUUM 25 % big, vacuuming heap");
    expect(of(elsewhere, "autovacuum: VACUUM a b.c (to prevent wraparound)")).toBe(
      "VACUUM 25 % a b.c, vacuuming heap, to prevent wraparound",
    );
    expect(of(elsewhere, "VACUUM big")).toContain("table 7 of dwh");
    expect(of({ done: null, total: null })).toBe("VACUUM events, vacuuming heap");
    expect(of({ phase: null, relation: null, relationId: null, done: null, total: null })).toBe("VACUUM");
    expect(of({ done: 5, total: 4 })).toContain("100 %");
    expect(of({ done: 12, total: 0 })).toBe("VACUUM events, vacuuming heap, 12 blocks");
  });

  test("without progress its query tells; and that it prevents wraparound", () => {
    const query = "autovacuum: VACUUM public.facts (to prevent wraparound)";
    expect(signOf("autovacuum worker", one(aServersWorker({ query })))).toMatchObject({
      short: "VACUUM public.facts, to prevent wraparound",
      tone: "warn",
    });
    expect(signOf("autovacuum worker", one(aServersWorker({ query: "" }), { server: HOST })).short).toBe("in shop");
  });
});

describe("replication", () => {
  const walsender = aBackend({ pid: 6, backendType: "walsender", application: "standby-1" });
  const link = {
    pid: 6,
    state: "streaming",
    syncState: "async",
    slotName: null,
    unsentBytes: 0,
    unreplayedBytes: MB,
    replaySeconds: null,
  };
  const sends = (given: Partial<typeof link> | object): Vital =>
    signOf("walsender", one(walsender, { workings: aWorkings({ standbys: [{ ...link, ...given }] }) }));

  test("a walsender, by what the other side has", () => {
    expect(sends({})).toMatchObject({ short: "streaming async, 1.0 MB behind", tone: "normal" });
    expect(about(sends({}))).toContain("without a slot");
    expect(sends({ state: "catchup", replaySeconds: 75, slotName: "s" })).toMatchObject({
      short: "catchup async, 1.0 MB behind, 1m15 late",
      tone: "warn",
    });
    expect(sends({ unreplayedBytes: 0, replaySeconds: 40 })).toMatchObject({
      short: "streaming async, caught up",
      tone: "normal",
    });
    expect(sends({ state: null, syncState: null }).short).toBe("hidden from our role");
    expect(signOf("walsender", one(walsender)).short).toBe("sends nothing");
  });

  test("a walsender whose standby lags far is one to look at, by bytes or by time", () => {
    expect(sends({ unreplayedBytes: 300 * MB }).tone).toBe("warn");
    expect(sends({ replaySeconds: 31 })).toMatchObject({
      short: "streaming async, 1.0 MB behind, 31.0s late",
      tone: "warn",
    });
    expect(sends({ replaySeconds: 29 }).tone).toBe("normal");
  });

  test("our own walsender, which is in the view as well, feeds nobody", () => {
    const workings = aWorkings({ standbys: [{ ...link, state: "startup", unreplayedBytes: null }] });
    const own = signOf("walsender", one(walsender, { workings, server: aServer({ lane: "walsender", ownPid: 6 }) }));
    expect(own).toMatchObject({ short: "sends nothing", tone: "muted" });
    expect(about(own)).toContain("we are it, and only ask");
    expect(about(own)).not.toContain("slot");
  });

  const receiver = {
    pid: 5,
    status: "streaming",
    senderHost: "10.0.0.1",
    senderPort: 5432,
    slotName: null,
    lastMessageSeconds: SERVER_NOW - 45,
  };
  const receives = (given: Partial<typeof receiver> | object | "none"): Vital =>
    signOf(
      "walreceiver",
      one(asleep("walreceiver", 5, "WalReceiverMain"), {
        workings: aWorkings({ receiver: given === "none" ? "none" : { ...receiver, ...given } }),
      }),
    );

  test("a receiver that has heard nothing for long is warned of", () => {
    expect(receives({})).toMatchObject({ short: "streaming from 10.0.0.1:5432, heard 45.0s ago", tone: "warn" });
    expect(receives({ lastMessageSeconds: SERVER_NOW - 1, senderHost: null })).toMatchObject({
      short: "streaming, heard 1.0s ago",
      tone: "normal",
    });
    expect(receives({ status: null }).short).toBe("hidden from our role");
    expect(receives("none").short).toBe("unknown: not told");
  });

  const replays = (recovery: Parameters<typeof aWorkings>[0]): Vital =>
    signOf("startup", one(asleep("startup", 5, "RecoveryWalStream"), { workings: aWorkings(recovery) }));

  test("replay: how far behind, and that it is paused", () => {
    expect(
      replays({ recovery: { unreplayedBytes: MB, lastReplayedSeconds: SERVER_NOW - 20, paused: true } }),
    ).toMatchObject({ short: "PAUSED, 1.0 MB to replay, 20.0s behind", tone: "warn" });
    // Nothing has come since: the primary may have been quiet for an hour.
    expect(
      replays({ recovery: { unreplayedBytes: 0, lastReplayedSeconds: SERVER_NOW - 3600, paused: false } }).short,
    ).toBe("all received is replayed");
    expect(replays({ recovery: { unreplayedBytes: null, lastReplayedSeconds: null, paused: false } }).short).toBe(
      "unknown how far behind",
    );
    expect(replays({}).short).toBe("ends its recovery");
  });

  test("a parallel apply worker is told by whom it works for: it never hears of the publisher", () => {
    const backendType = "logical replication parallel worker";
    const worker = aServersWorker({ pid: 6, backendType, user: "postgres", query: "", leaderPid: 5, xactAge: 2 });
    const subscriptions = [{ pid: 6, subscription: "orders", relation: null, lastMessageSeconds: null }];
    const sign = (given: Partial<Backend>): Vital =>
      signOf(backendType, one({ ...worker, ...given }, { workings: aWorkings({ subscriptions }) }));
    expect(sign({ waitEventType: null, waitEvent: null })).toMatchObject({
      short: "applies a streamed transaction for 5",
      tone: "normal",
    });
    expect(about(sign({}))).toContain("It works for the apply worker 5");
    const asleepNow = { waitEventType: "Activity", waitEvent: "LogicalParallelApplyMain" };
    expect(sign(asleepNow).short).toBe("applies a streamed transaction for 5");
    expect(sign({ ...asleepNow, xactStartSeconds: null }).short).toBe("waits for a streamed transaction for 5");
  });

  test("a worker of a subscription", () => {
    const worker = aServersWorker({
      pid: 6,
      backendType: "logical replication tablesync worker",
      user: "postgres",
      query: "",
    });
    const subscriptions = [
      { pid: 6, subscription: "orders", relation: "public.items", lastMessageSeconds: SERVER_NOW - 2 },
    ];
    expect(
      signOf("logical replication tablesync worker", one(worker, { workings: aWorkings({ subscriptions }) })).short,
    ).toBe("orders, copies public.items, heard 2.0s ago");
    expect(signOf("logical replication tablesync worker", one(worker)).short).toBe("in shop");
  });
});

test("I/O workers: so many of them busy", () => {
  const idle = asleep("io worker", 5, "IoWorkerMain");
  const busy = asleep("io worker", 6, "DataFileRead", "IO");
  expect(signOf("io worker", aSample({ backends: [idle, busy], workings: aWorkings({ ioUnderWay: 2 }) })).short).toBe(
    "idle",
  );
  expect(signOf("io worker", aSample({ backends: [busy] }))).toMatchObject({
    short: "busy",
    tone: "warn",
  });
  const [both] = [
    aSample({ backends: [busy, { ...busy, pid: 7, key: "7@x" }], workings: aWorkings({ ioUnderWay: 9 }) }),
  ];
  expect(signOf("io worker", both)).toMatchObject({ short: "busy, as all 2 are, 9 under way", tone: "warn" });
});

test("sessions by what they do, and where most connections come from that are not in yet", () => {
  const rows = [
    aBackend(),
    aBackend({ state: "active", waitEventType: "Lock" }),
    aBackend({ state: "active" }),
    aBackend({ backendType: "half-open" }),
  ];
  const sample = aSample({ backends: rows, server: HOST, unfinished: [{ client: "10.0.0.7", count: 4 }] });
  expect(signOf("sessions", sample).short).toBe("3 client backends, 2 active, 1 waits for a lock, 1 idle");
  expect(signOf("connecting", sample).short).toBe("1 connection not in yet, 4 from 10.0.0.7");
});

test("a launcher that is switched off is there as a row that says by what, and is no alarm", () => {
  const server = aServer({ tuning: aTuning({ settings: settings({ autovacuum: "off" }) }) });
  const sign = signOf("autovacuum launcher", aSample({ server }));
  expect(sign).toMatchObject({ short: "off by autovacuum = off", tone: "muted" });
  expect(about(sign)).toContain("dead rows stay until somebody runs VACUUM");
});

describe("what ought to be there and is not", () => {
  const without = (upSeconds: number): Vital => {
    const tuning = aTuning({ settings: settings({ archive_mode: "on" }) });
    const server = aServer({ tuning, startedSeconds: SERVER_NOW - upSeconds });
    return signOf("archiver", one(asleep("checkpointer", 5, "CheckpointerMain"), { server }));
  };

  test("is an alarm, but not in the first seconds of a server", () => {
    expect(without(60)).toMatchObject({ short: "NOT THERE, although archive_mode = on", tone: "critical" });
    expect(without(3)).toMatchObject({ short: "not there yet, although archive_mode = on", tone: "muted" });
  });
});

describe("a postmaster that has survived a crash", () => {
  const up = (major: number, seconds: number): Vital => {
    const server = aServer({ major, startedSeconds: SERVER_NOW - 936 });
    const checkpointer = {
      ...asleep("checkpointer", 5, "CheckpointerMain"),
      backendStartSeconds: SERVER_NOW - seconds,
    };
    return signOf("postmaster", one(checkpointer, { server }));
  };

  test("is up for longer than its processes", () => {
    const crashed = "up 15m36, its processes only 4.0s: they crashed and were restarted, PostgreSQL 18.4";
    expect(up(18, 4)).toMatchObject({ short: crashed, tone: "warn" });
    expect(up(18, 930)).toMatchObject({ tone: "normal" });
    expect(up(18, 936)).toMatchObject({ short: "up 15m36, PostgreSQL 18.4", tone: "normal" });
  });

  test("up to 14 a long recovery looks the same", () => {
    expect(up(13, 4).short).toBe("up 15m36, its processes only 4.0s: a crash or a long recovery, PostgreSQL 13.4");
  });
});
