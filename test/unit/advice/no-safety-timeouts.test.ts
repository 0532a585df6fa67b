import { describe, expect, test } from "vitest";
import type { Override, TimeoutName } from "../../../src/model/tuning.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aTuning } from "../builders.ts";
import { said } from "./context.ts";

const ID = "no-safety-timeouts";
const IDLE = "idle_in_transaction_session_timeout";
const set = (value: string, role: string | null, database: string | null, name: string = IDLE): Override => ({
  role,
  database,
  name,
  value,
});

function found(given: {
  timeouts?: Partial<Record<TimeoutName, number | null>>;
  overrides?: readonly Override[];
  backends?: ReturnType<typeof aBackend>[];
  major?: number;
}) {
  const { timeouts = { [IDLE]: 0 }, overrides = [], backends = [aBackend()], major = 18 } = given;
  return said(ID, aSample({ backends, server: aServer({ major, tuning: aTuning({ timeouts, overrides }) }) }));
}

describe("whether a role's forgotten transactions are ended", () => {
  test.each<[string, Parameters<typeof found>[0], boolean]>([
    ["off for everybody", {}, true],
    ["set for everybody", { timeouts: { [IDLE]: 300 } }, false],
    ["not known", { timeouts: { [IDLE]: null } }, false],
    ["set for the role", { overrides: [set("5min", "app", null)] }, false],
    ["set for another role", { overrides: [set("5min", "report", null)] }, true],
    ["set for the database", { overrides: [set("300000", null, "shop")] }, false],
    [
      "set for the database, and off for the role, which counts more",
      { overrides: [set("5min", null, "shop"), set("0", "app", null)] },
      true,
    ],
    [
      "off for the role, and set for the role in the database",
      { overrides: [set("0", "app", null), set("90s", "app", "shop")] },
      false,
    ],
    ["set for all roles", { overrides: [set("1h", null, null)] }, false],
    [
      "off for the role, where it is set for everybody",
      { timeouts: { [IDLE]: 300 }, overrides: [set("0", "app", null)] },
      true,
    ],
    ["off in words that we do not know", { timeouts: { [IDLE]: 300 }, overrides: [set("never", "app", null)] }, false],
    [
      "off, but no transaction may last longer than a minute",
      { timeouts: { [IDLE]: 0, transaction_timeout: 60 } },
      false,
    ],
  ])("%s", (_, given, unsafe) => {
    expect(found(given)).toHaveLength(unsafe ? 1 : 0);
  });
});

test("the roles that have sessions, and what to set for each; hidden sessions tell their role too", () => {
  const backends = [aBackend({ pid: 1 }), aBackend({ pid: 2 }), aHiddenBackend({ pid: 3, user: "Odd One" })];
  const [finding] = found({ backends, timeouts: { [IDLE]: 0, statement_timeout: 0 } });
  expect(finding!.title).toBe(
    "nothing ends forgotten transactions of app and Odd One: idle_in_transaction_session_timeout is off",
  );
  expect(finding!.next.flatMap(({ sql }) => sql ?? [])).toEqual([
    "ALTER ROLE app SET idle_in_transaction_session_timeout = '5min';",
    `ALTER ROLE "Odd One" SET idle_in_transaction_session_timeout = '5min';`,
    "ALTER ROLE app SET statement_timeout = '1min';",
    `ALTER ROLE "Odd One" SET statement_timeout = '1min';`,
  ]);
});

test("statement_timeout is no hint for superusers", () => {
  const [finding] = found({
    backends: [aBackend({ user: "postgres" })],
    timeouts: { [IDLE]: 0, statement_timeout: 0 },
  });
  expect(finding!.next.flatMap(({ sql }) => sql ?? [])).toEqual([
    "ALTER ROLE postgres SET idle_in_transaction_session_timeout = '5min';",
  ]);
});

test("idle_session_timeout there is from 14 on", () => {
  const words = (major: number) => found({ major })[0]!.next.some(({ text }) => text.includes("idle_session_timeout"));
  expect([words(13), words(14)]).toEqual([false, true]);
});

test("our own session alone is nobody's concern", () => {
  expect(found({ backends: [aBackend({ pid: 99 })] })).toEqual([]);
});

test("without SQL nobody tells", () => {
  expect(said(ID, aSample({ backends: [aBackend()], server: aServer({ lane: "host", tuning: null }) }))).toEqual([]);
});
