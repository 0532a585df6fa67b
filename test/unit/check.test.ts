import { describe, expect, test } from "vitest";
import { DEFAULT_THRESHOLDS } from "../../src/analysis/slots.ts";
import type { Backend } from "../../src/model/backend.ts";
import type { Sample } from "../../src/model/reading.ts";
import { findingsOf } from "../../src/report/assessed.ts";
import { checked, critical, unknown } from "../../src/report/check.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aWaiter, backends } from "./builders.ts";
import { SCENARIOS } from "./advice/scenarios.ts";

type ServerGiven = Parameters<typeof aServer>[0];

/** What is said of these sessions on a server with 94 app slots and 6 reserved ones, unless said otherwise. */
function said(
  sessions: readonly Backend[],
  server: ServerGiven = {},
  thresholds = DEFAULT_THRESHOLDS,
): [number, string] {
  const { line, exitCode } = checked(aSample({ server: aServer(server), backends: sessions }), thresholds);
  return [exitCode, line];
}

/** The same without its numbers. */
function told(...given: Parameters<typeof said>): [number, string] {
  const [exitCode, line] = said(...given);
  return [exitCode, line.split(" | ")[0]!];
}

const hidden = (n: number): Backend[] => Array.from({ length: n }, (_, i) => aHiddenBackend({ pid: 5000 + i }));

test("the whole line, as a monitoring system reads it", () => {
  const sessions = [
    ...backends(72),
    ...backends(9, { state: "idle in transaction", xactAge: 20 }).map((one, i) => ({ ...one, pid: 2000 + i })),
    ...Array.from({ length: 9 }, (_, i) => aWaiter(3000 + i, [2000])),
  ];
  expect(said(sessions)).toEqual([
    2,
    "PGTRIAGE CRITICAL - 90 of 94 app slots used, 4 left | app_used=90;75;89;0;94 max_used=90;80;95;0;100 idle_in_transaction=9 waiting=9",
  ]);
});

describe("by the slots", () => {
  test.each<[number, number, string]>([
    [0, 0, "OK - 0 of 94 app slots used, 94 left"],
    [75, 0, "OK - 75 of 94 app slots used, 19 left"],
    [76, 1, "WARNING - 76 of 94 app slots used, 18 left"],
    [89, 1, "WARNING - 89 of 94 app slots used, 5 left"],
    [90, 2, "CRITICAL - 90 of 94 app slots used, 4 left"],
    [94, 2, "CRITICAL - 94 of 94 app slots used, none left"],
    [97, 2, "CRITICAL - 94 of 94 app slots used, and 3 of the 6 reserved ones, none left"],
    [100, 2, "CRITICAL - 94 of 94 app slots used, and 6 of the 6 reserved ones, none left"],
  ])("%i used: exit %i", (used, exitCode, words) => {
    expect(told(backends(used))).toEqual([exitCode, `PGTRIAGE ${words}`]);
  });

  test("--warn and --crit move the levels, and what the numbers say of them", () => {
    expect(said(backends(50), {}, { warn: 50, critical: 60 })).toEqual([
      1,
      "PGTRIAGE WARNING - 50 of 94 app slots used, 44 left | app_used=50;47;56;0;94 max_used=50;50;60;0;100 idle_in_transaction=0 waiting=0",
    ]);
    expect(told(backends(57), {}, { warn: 50, critical: 60 })[0]).toBe(2);
  });

  test("100 percent is critical when an ordinary role is refused, although the reserve is free", () => {
    expect(told(backends(94), {}, { warn: 100, critical: 100 })[0]).toBe(2);
  });

  test("nothing but reserve: there is no app slot to use", () => {
    const server = { maxConnections: 6, superuserReserved: 3, reserved: 3 };
    expect(told(backends(1), server)).toEqual([
      2,
      "PGTRIAGE CRITICAL - 0 of 0 app slots used, and 1 of the 6 reserved ones, none left",
    ]);
  });
});

describe("hidden sessions never make an OK", () => {
  const grant = "hidden: GRANT pg_monitor TO monitor";
  test.each<[string, number, number, number, string]>([
    ["OK, since even all of them would be", 3, 8, 0, `OK - 3-11 of 94 app slots used, 83-91 left; 8 of 11 ${grant}`],
    ["not known: they may be sessions", 3, 80, 3, `UNKNOWN - 3-83 of 94 app slots used, 11-91 left; 80 of 83 ${grant}`],
    ["at least a warning", 80, 15, 1, `WARNING - 80-94 of 94 app slots used, 0-14 left; 15 of 95 ${grant}`],
    ["surely critical", 91, 5, 2, `CRITICAL - 91-94 of 94 app slots used, 0-3 left; 5 of 96 ${grant}`],
  ])("%s", (_, seen, unseen, exitCode, words) => {
    expect(told([...backends(seen), ...hidden(unseen)])).toEqual([exitCode, `PGTRIAGE ${words}`]);
  });

  test("what is not known is U in the numbers, never what little is seen", () => {
    expect(said([...backends(3), ...hidden(8)])[1].split(" | ")[1]).toBe(
      "app_used=U;75;89;0;94 max_used=U;80;95;0;100 idle_in_transaction=U waiting=U",
    );
    expect(said([aBackend({ state: "disabled" })])[1].split(" | ")[1]).toBe(
      "app_used=1;75;89;0;94 max_used=1;80;95;0;100 idle_in_transaction=U waiting=U",
    );
  });
});

describe("limits of roles and databases", () => {
  const of = (kind: "role" | "database", name: string, limit: number) => ({ kind, name, limit });

  test.each<[string, readonly ReturnType<typeof of>[], number, string]>([
    ["below its limit", [of("role", "app", 11)], 0, ""],
    ["a role at its limit", [of("role", "app", 10)], 1, '; role "app" is at its limit of 10'],
    ["a database at its limit", [of("database", "shop", 10)], 1, '; database "shop" is at its limit of 10'],
    ["a limit of 0 is a lock", [of("role", "app", 0)], 0, ""],
    [
      "many",
      [1, 2, 3, 4, 5].map((limit) => of("database", "shop", limit)),
      1,
      '; database "shop" is at its limit of 1; database "shop" is at its limit of 2; database "shop" is at its limit of 3; and 2 more at their limits',
    ],
    [
      "a name of a stranger's",
      [of("role", "app", 10), of("role", "a|b\n\u001b[2J", 1)],
      1,
      '; role "app" is at its limit of 10',
    ],
  ])("%s", (_, limits, exitCode, words) => {
    const status = exitCode === 0 ? "OK" : "WARNING";
    expect(told(backends(10), { limits })).toEqual([
      exitCode,
      `PGTRIAGE ${status} - 10 of 94 app slots used, 84 left${words}`,
    ]);
  });

  test("hidden sessions may have reached it: not known", () => {
    const [exitCode, line] = told([...backends(2), ...hidden(8)], { limits: [of("role", "app", 10)] });
    expect(exitCode).toBe(3);
    expect(line).toContain('; role "app" has 2-10 sessions and a limit of 10; 8 of 10 hidden');
  });

  test("a full server is worse than a full role", () => {
    expect(told(backends(94), { limits: [of("role", "app", 10)] })[0]).toBe(2);
  });
});

test.each(["walsender", "rescue", "host"] as const)("the lane is named when it is the %s lane", (lane) => {
  expect(told(backends(1), { lane })[1]).toBe(`PGTRIAGE OK - 1 of 94 app slots used, 93 left (by the ${lane} lane)`);
});

test("who was refused by a limit of its own is told so, with the numbers of the lane that let us in", () => {
  const refused = 'Role "app" is at its own CONNECTION LIMIT on db1:5432.';
  const sample = aSample({ server: aServer({ lane: "rescue" }), backends: backends(3) });
  const { line, exitCode } = checked(sample, DEFAULT_THRESHOLDS, refused);
  expect(exitCode).toBe(2);
  expect(line).toMatch(
    /^PGTRIAGE CRITICAL - Role "app" is at its own CONNECTION LIMIT on db1:5432\. \(by the rescue lane\) \| app_used=3;/,
  );
});

test("where the limits are not known, nothing is OK", () => {
  const sample = aSample({ backends: backends(5) });
  const settings = { ...sample.server.settings, maxConnections: null, superuserReserved: null, reserved: null };
  const { line, exitCode } = checked(
    { ...sample, server: { ...sample.server, lane: "host", settings } },
    DEFAULT_THRESHOLDS,
  );
  expect(exitCode).toBe(3);
  expect(line).toBe(
    "PGTRIAGE UNKNOWN - 5 slots used, of how many is not known (by the host lane) | app_used=U max_used=5 idle_in_transaction=0 waiting=0",
  );
});

test("it is one line whatever strangers call themselves, and has one | at the most", () => {
  const limits = [{ kind: "role", name: "a|b\n\u001b[2J", limit: 1 }] as const;
  const [, line] = said(backends(1, { user: "a|b\n\u001b[2J" }), { limits });
  expect(line).toContain('role "a¦b ·[2J" is at its limit of 1');
  expect(line.split("|")).toHaveLength(2);
  expect(critical("a|b\nc").line).toBe("PGTRIAGE CRITICAL - a¦b c");
  expect(unknown("a|b\nc")).toEqual({ line: "PGTRIAGE UNKNOWN - a¦b c", exitCode: 3 });
});

describe("what happened to the server", () => {
  const crashed = SCENARIOS["server-crashed"]!.sample;
  const check = (sample: Sample): [number, string] => {
    const { line, exitCode } = checked(sample, DEFAULT_THRESHOLDS, null, findingsOf(sample, DEFAULT_THRESHOLDS));
    return [exitCode, line.split(" | ")[0]!];
  };

  test("a crash is a warning, and comes first", () => {
    expect(check(crashed)).toEqual([
      1,
      "PGTRIAGE WARNING - the server crashed and was up again 4.0s ago: all sessions were ended; 3 of 94 app slots used, 91 left",
    ]);
  });

  test("but for what is worse", () => {
    expect(check({ ...crashed, backends: [...crashed.backends, ...backends(94)] })[1]).toMatch(
      /^PGTRIAGE CRITICAL - 94 of 94 app slots used.*; the server crashed/,
    );
  });

  test("a note wakes nobody, and neither does what is for whoever looks", () => {
    for (const id of ["server-restarted", "inactive-slot", "no-safety-timeouts"])
      expect(check(SCENARIOS[id]!.sample)[0]).toBe(0);
  });
});
