import { describe, expect, test } from "vitest";
import { findings } from "../../../src/advice/index.ts";
import type { Context } from "../../../src/advice/rule.ts";
import { settingMarks } from "../../../src/advice/setting-marks.ts";
import type { Setting } from "../../../src/model/tuning.ts";
import { aSample, aServer, aTuning, backends } from "../builders.ts";
import { settingsOf18 } from "../settings-of-18.ts";
import { aContext } from "./context.ts";
import { SCENARIOS } from "./scenarios.ts";

const GB = 2 ** 30;
/** At 80 columns. */
const NOTE_CELLS = 23;
const marksOf = (context: Context) => settingMarks(context.sample, findings(context));

function marked(settings: readonly Setting[], given: Parameters<typeof aServer>[0] & { machineBytes?: number } = {}) {
  const { machineBytes = null, ...server } = given;
  const tuning = aTuning({ settings, machineBytes, sharedBytes: 9 * GB });
  const sample = aSample({ backends: backends(3), server: aServer({ ...server, tuning }) });
  return Object.fromEntries([...marksOf(aContext(sample))].map(([name, { short }]) => [name, short]));
}

/** What nearly every server has: none for monitoring, and none of the huge pages. */
const USUAL = { reserved_connections: "none for monitoring", huge_pages_status: "not used" };

test("by default there is little to be said", () => {
  expect(marked(settingsOf18())).toEqual(USUAL);
});

describe("too little for a finding:", () => {
  test.each<[string, Parameters<typeof settingsOf18>[0], Record<string, unknown>, Record<string, string>]>([
    ["statement_timeout for all", { statement_timeout: "60000" }, {}, { statement_timeout: "ends VACUUM as well" }],
    ["of our own role, it says nothing of others", { statement_timeout: { value: "60000", source: "user" } }, {}, {}],
    [
      "idle_session_timeout for all",
      { idle_session_timeout: "60000" },
      {},
      { idle_session_timeout: "ends pools' connections" },
    ],
    [
      "no slot for superusers",
      { superuser_reserved_connections: "0" },
      {},
      { superuser_reserved_connections: "none for a superuser" },
    ],
    [
      "hundreds of slots, and nobody at work",
      { max_connections: "300" },
      { maxConnections: 300 },
      { max_connections: "0 of them at work now" },
    ],
    ["one less", { max_connections: "299" }, { maxConnections: 299 }, {}],
    ["others may be at work, unseen", { max_connections: "300" }, { maxConnections: 300, seeAll: false }, {}],
    ["small buffers on a large machine", {}, { machineBytes: 64 * GB }, { shared_buffers: "small for this machine" }],
    ["on a small one", {}, { machineBytes: 3 * GB }, { work_mem: "more than there is" }],
    ["larger ones", { shared_buffers: "16385" }, { machineBytes: 64 * GB }, {}],
    ["no checksums", { data_checksums: "off" }, {}, { data_checksums: "damage goes unnoticed" }],
    ["commits that do not wait are somebody's choice", { synchronous_commit: "off" }, {}, {}],
    ["nobody tells what sessions do", { track_activities: "off" }, {}, { track_activities: "hides what sessions do" }],
  ])("%s", (_, changes, given, expected) => {
    expect(marked(settingsOf18(changes), given)).toEqual({ ...USUAL, ...expected });
  });

  test.each([
    ["16384", "128MB is what initdb chooses for any machine; this one has 64 GB"],
    ["2048", "16MB is less than initdb chooses; this one has 64 GB"],
  ])("of %s buffers is said whose choice they are", (value, expected) => {
    const tuning = aTuning({ settings: settingsOf18({ shared_buffers: value }), machineBytes: 64 * GB });
    const marks = marksOf(aContext(aSample({ server: aServer({ tuning }) })));
    expect(marks.get("shared_buffers")!.why).toContain(expected);
  });

  test("some for monitoring, huge pages used", () => {
    expect(marked(settingsOf18({ reserved_connections: "3", huge_pages_status: "on" }))).toEqual({});
  });
});

describe("what is found is marked as it is found:", () => {
  test.each([
    ["no-safety-timeouts", "idle_in_transaction_session_timeout"],
    ["memory-risk", "work_mem"],
    ["autovacuum-off", "autovacuum"],
    ["autovacuum-saturated", "autovacuum_max_workers"],
    ["checkpoints-forced", "max_wal_size"],
    ["archiver-failing", "archive_mode"],
    ["inactive-slot", "max_slot_wal_keep_size"],
    ["pending-restart", "max_connections"],
    ["durability-off", "fsync"],
  ])("%s: %s", (id, name) => {
    const { sample, ...rest } = SCENARIOS[id]!;
    const own = new Map(sample.server.tuning!.settings.map((setting) => [setting.name, setting]));
    const settings = settingsOf18().map((setting) => own.get(setting.name) ?? setting);
    const server = { ...sample.server, tuning: { ...sample.server.tuning!, settings } };
    const context = { ...rest, sample: { ...sample, server } };
    const [finding] = findings(SCENARIOS[id]!);
    const marks = marksOf({ ...context, history: SCENARIOS[id]!.history });
    for (const { short } of marks.values()) expect(short.length, short).toBeLessThanOrEqual(NOTE_CELLS);
    expect(marks.get(name)).toMatchObject({
      severity: finding!.severity,
      why: finding!.title,
      next: finding!.next,
    });
  });
});

test("without settings nothing is marked", () => {
  expect(settingMarks(aSample({ server: aServer({ tuning: null }) }), []).size).toBe(0);
});
