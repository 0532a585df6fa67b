import { describe, expect, test } from "vitest";
import { settingChange, waitsForRestart } from "../../src/analysis/setting-change.ts";
import type { Override, Setting } from "../../src/model/tuning.ts";
import { RELOAD } from "../../src/text/statements.ts";
import { aServer, aSetting, aTuning } from "./builders.ts";

const ALTER = "ALTER SYSTEM SET work_mem = '8MB';";
const FOR_ALL_ROLES = "ALTER ROLE ALL SET work_mem = '8MB';";
const workMem = (given: Partial<Setting> = {}): Setting => aSetting("work_mem", "4096", { context: "user", ...given });
const own = (role: string | null, database: string | null): Override => ({
  name: "work_mem",
  value: "1MB",
  role,
  database,
});

function change(setting: Setting | null, overrides: readonly Override[] = []) {
  const settings = setting === null ? [] : [setting];
  return settingChange(setting?.name ?? "work_mem", "8MB", aServer({ tuning: aTuning({ settings, overrides }) }));
}

describe("a setting is changed", () => {
  test.each<[string, ReturnType<typeof change>, readonly string[], string | null]>([
    ["by a reload", change(workMem()), [ALTER, RELOAD], null],
    ["by a reload, where it was not read", change(null), [ALTER, RELOAD], null],
    [
      "by a restart",
      change(aSetting("shared_buffers", "16384", { context: "postmaster" })),
      ["ALTER SYSTEM SET shared_buffers = '8MB';"],
      null,
    ],
    [
      "for roles, where it stands on the command line",
      change(workMem({ source: "command line" })),
      [FOR_ALL_ROLES],
      "it stands on the server's command line, which ALTER SYSTEM does not change; ALTER ROLE ALL goes before it, for sessions from then on",
    ],
    [
      "by no statement, where it stands there and is none of a session",
      change(workMem({ context: "sighup", source: "command line" })),
      [],
      "it stands on the server's command line, which ALTER SYSTEM does not change: change it where the server is started from (Patroni's own configuration, a systemd unit, a container's arguments), and restart it",
    ],
    [
      "for roles, where it was set for all of them",
      change(workMem(), [own(null, null)]),
      [FOR_ALL_ROLES],
      "ALTER ROLE ALL has set it, and goes before ALTER SYSTEM",
    ],
    [
      "for others, where our own role has its own",
      change(workMem({ source: "user" })),
      [ALTER, RELOAD],
      "our own role, database or connection has its own, and keeps it",
    ],
    ["for all but some, of whom none is ours", change(workMem(), [own("report", null)]), [ALTER, RELOAD], null],
  ])("%s", (_, { statements, but }, expected, why) => {
    expect(statements).toEqual(expected);
    expect(but).toBe(why);
  });

  test("on a standby as on a primary", () => {
    const tuning = aTuning({ settings: [workMem()] });
    expect(settingChange("work_mem", "8MB", aServer({ role: "standby", tuning })).statements).toEqual([ALTER, RELOAD]);
  });

  test("by a restart where it was not read and is known to need one", () => {
    expect(settingChange("max_connections", "9", aServer({ tuning: null }), "postmaster").statements).toEqual([
      "ALTER SYSTEM SET max_connections = '9';",
    ]);
  });
});

test("what is marked and stands on the command line waits for nothing", () => {
  expect(waitsForRestart(workMem({ pendingRestart: true }))).toBe(true);
  expect(waitsForRestart(workMem({ pendingRestart: true, source: "command line" }))).toBe(false);
  expect(waitsForRestart(workMem())).toBe(false);
});
