import { describe, expect, test } from "vitest";
import type { Sample } from "../../../src/model/reading.ts";
import { aCounters, aSample, aServer, aSetting, aTuning, SERVER_NOW } from "../builders.ts";
import { GB, MB } from "./archives.ts";
import { said } from "./context.ts";

const ID = "checkpoints-forced";

function server(given: { major?: number; role?: "standby"; maxWal?: string; target?: string } = {}) {
  const { major = 18, maxWal = "1024", target = "0.9", role = "primary" } = given;
  const settings = [
    aSetting("max_wal_size", maxWal, { unit: "MB" }),
    aSetting("checkpoint_timeout", "300", { unit: "s" }),
    aSetting("checkpoint_completion_target", target),
  ];
  return aServer({ major, role, tuning: aTuning({ settings }) });
}

/** Counters `seconds` later, after so many more checkpoints and so much more WAL. */
function at(
  secondsLater: number,
  [requested, timed]: readonly [number, number],
  wal: number,
  of: Sample["server"] = server(),
): Sample {
  const none = aCounters();
  const checkpoints = { ...none.checkpoints, requested, timed };
  const counters = { ...none, atSeconds: SERVER_NOW + secondsLater, checkpoints, walBytes: 100 * GB + wal };
  return aSample({ secondsLater, counters, server: of });
}

const begun = at(0, [40, 12], 0);

test("more checkpoints by max_wal_size than by time, how much WAL there is, and how much room it needs", () => {
  const [finding] = said(ID, [begun, at(600, [50, 12], 10 * 540 * MB)]);
  expect(finding).toMatchObject({
    severity: "info",
    title: "10 checkpoints in 10 min were forced by max_wal_size = 1.0 GB, none came by time",
    evidence: [
      "one every 1m00; checkpoint_timeout would have it every 5m00",
      "9.0 MB of WAL a second: 2.6 GB within checkpoint_timeout",
      expect.any(String),
    ],
  });
  // 2.64 GB * 1.9 * 1.2 = 6.01 GB
  expect(finding!.next[0]).toEqual({
    text: "let WAL grow until checkpoints come by time, if the disk of pg_wal has 8.0 GB to spare",
    sql: "ALTER SYSTEM SET max_wal_size = '8GB';",
    thenSql: "SELECT pg_reload_conf();",
  });
  expect(finding!.next[1]!.sql).toContain("pg_stat_checkpointer");
});

test("less than a minute apart they hurt", () => {
  expect(said(ID, [begun, at(590, [50, 12], 5400 * MB)])[0]!.severity).toBe("warning");
});

describe("silent:", () => {
  test.each<[string, Sample[]]>([
    ["two of them", [begun, at(600, [42, 12], 1080 * MB)]],
    ["as many by time", [begun, at(900, [43, 15], 1700 * MB)]],
    ["asked for by somebody, long before there was enough WAL", [begun, at(600, [50, 12], 10 * 260 * MB)]],
    ["one reading", [at(600, [50, 12], 5400 * MB)]],
    [
      "a standby, which has those of its primary",
      [at(0, [40, 12], 0, server({ role: "standby" })), at(600, [50, 12], 5400 * MB, server({ role: "standby" }))],
    ],
    [
      "without settings",
      [at(0, [40, 12], 0, aServer({ tuning: null })), at(600, [50, 12], 5400 * MB, aServer({ tuning: null }))],
    ],
    [
      "WAL is not known",
      [begun, { ...at(600, [50, 12], 0), counters: { ...at(600, [50, 12], 0).counters!, walBytes: null } }],
    ],
  ])("%s", (_, samples) => {
    expect(said(ID, samples)).toEqual([]);
  });
});

test("what is long past is not looked back at", () => {
  const samples = [begun, at(300, [50, 12], 5400 * MB), at(1300, [50, 15], 5500 * MB)];
  expect(said(ID, samples.slice(0, 2))).toHaveLength(1);
  expect(said(ID, samples)).toEqual([]);
});

describe("room for WAL", () => {
  const wanted = (perSecond: number, given: Parameters<typeof server>[0] = {}) => {
    const of = server(given);
    const max = Number(given.maxWal ?? 1024) * MB;
    const n = Math.trunc((perSecond * 600) / (max / 2));
    return said(ID, [at(0, [40, 12], 0, of), at(600, [40 + n, 12], perSecond * 600, of)])[0]!.next[0]!.sql;
  };
  test.each<[string, number, Parameters<typeof server>[0], string]>([
    ["twice as much at the least", 2.6 * MB, {}, "2GB"],
    ["up to 10, of two checkpoints", 6 * MB, { major: 10, target: "0.5" }, "8GB"],
    ["no more than anybody keeps", 500 * MB, {}, "64GB"],
    ["but for who has that already", 500 * MB, { maxWal: String(48 * 1024) }, "96GB"],
  ])("%s", (_, perSecond, given, size) => {
    expect(wanted(perSecond, given)).toBe(`ALTER SYSTEM SET max_wal_size = '${size}';`);
  });
});

test("up to 16 the counters are elsewhere", () => {
  const of = server({ major: 16 });
  const [finding] = said(ID, [at(0, [40, 12], 0, of), at(600, [50, 12], 5400 * MB, of)]);
  expect(finding!.next[1]!.sql).toBe("SELECT checkpoints_timed, checkpoints_req FROM pg_stat_bgwriter;");
});
