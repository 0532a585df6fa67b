import { describe, expect, test } from "vitest";
import { isFull, levelOf, slots, type Level } from "../../src/analysis/slots.ts";
import { aBackend, aHiddenBackend, anAuxiliary, aSample, aServer, aServersWorker, backends } from "./builders.ts";

const HUNDRED = aServer().settings;
const NOTHING_RESERVED = aServer({ superuserReserved: 0, reserved: 0 }).settings;
const DEFAULTS = { warn: 80, critical: 95 };

const walsenders = (n: number) => backends(n, { backendType: "walsender", state: "active" });

describe("what an ordinary role can still open, of 12 slots with 3 for superusers and 2 walsenders running", () => {
  // Measured on every major: how many sessions an ordinary role, then a member of pg_use_reserved_connections, could open.
  test.each([
    { major: 10, reserved: 0, used: 1 + 2, app: 6, forReserved: 6, forSuperuser: 9 },
    { major: 11, reserved: 0, used: 1 + 2, app: 6, forReserved: 6, forSuperuser: 9 },
    { major: 12, reserved: 0, used: 1, app: 8, forReserved: 8, forSuperuser: 11 },
    { major: 13, reserved: 0, used: 1, app: 8, forReserved: 8, forSuperuser: 11 },
    { major: 14, reserved: 0, used: 1, app: 8, forReserved: 8, forSuperuser: 11 },
    { major: 15, reserved: 0, used: 1, app: 8, forReserved: 8, forSuperuser: 11 },
    { major: 16, reserved: 2, used: 1, app: 6, forReserved: 8, forSuperuser: 11 },
    { major: 17, reserved: 2, used: 1, app: 6, forReserved: 8, forSuperuser: 11 },
    { major: 18, reserved: 2, used: 1, app: 6, forReserved: 8, forSuperuser: 11 },
  ])("on PostgreSQL $major: $app", ({ major, reserved, used, app, forReserved, forSuperuser }) => {
    const server = aServer({ major, maxConnections: 12, superuserReserved: 3, reserved });
    const now = slots(aSample({ server, backends: [aBackend({ user: "postgres" }), ...walsenders(2)] }));
    expect(now.used).toEqual({ low: used, high: used });
    expect(now.free).toEqual({ app, reserved: forReserved, superuser: forSuperuser });
    expect(now.walsenders).toEqual({ used: 2, max: 10, ownPool: major >= 12 });
  });

  test("7 sessions on PostgreSQL 16 leave none for the application, while two reserves are still free", () => {
    const server = aServer({ maxConnections: 12, superuserReserved: 3, reserved: 2 });
    const now = slots(aSample({ server, backends: backends(7) }));
    expect(now).toMatchObject({ app: 7, free: { app: 0, reserved: 2, superuser: 5 }, level: "critical" });
  });

  test("a superuser's session takes a slot of the application, so free is never negative", () => {
    const server = aServer({ maxConnections: 12, superuserReserved: 3, reserved: 2 });
    expect(slots(aSample({ server, backends: backends(11) })).free).toEqual({ app: 0, reserved: 0, superuser: 1 });
  });
});

describe("the level", () => {
  test.each<[number, Level]>([
    [0, "ok"],
    [75, "ok"],
    [76, "warn"],
    [89, "warn"],
    [90, "critical"],
    [93, "critical"],
    [94, "critical"],
    [100, "critical"],
  ])("with %i of 94 app slots used is %s", (used, level) => {
    expect(levelOf(used, HUNDRED, DEFAULTS)).toBe(level);
    expect(slots(aSample({ backends: backends(used) })).level).toBe(level);
  });

  test.each<[number, Level]>([
    [79, "ok"],
    [80, "warn"],
    [94, "warn"],
    [95, "critical"],
    [100, "critical"],
  ])("with %i of 100 slots used and nothing reserved is %s", (used, level) => {
    expect(levelOf(used, NOTHING_RESERVED, DEFAULTS)).toBe(level);
  });

  test.each([1, 7, 28, 29, 55, 56, 57, 58, 80, 95])(
    "at a threshold of one's own, %i %, is already over it",
    (percent) => {
      expect(levelOf(percent, NOTHING_RESERVED, { warn: percent, critical: 100 })).toBe("warn");
      expect(levelOf(percent - 1, NOTHING_RESERVED, { warn: percent, critical: 100 })).toBe("ok");
    },
  );

  test("is critical when none is left for applications, whatever the thresholds say", () => {
    const small = aServer({ maxConnections: 5, superuserReserved: 3, reserved: 0 }).settings;
    expect(levelOf(2, small, { warn: 100, critical: 100 })).toBe("critical");
  });

  test("is critical on a server that keeps every slot in reserve", () => {
    expect(levelOf(0, aServer({ maxConnections: 3, superuserReserved: 3, reserved: 0 }).settings, DEFAULTS)).toBe(
      "critical",
    );
  });
});

describe("sessions that our role may not look into", () => {
  const hidden = (n: number) => Array.from({ length: n }, (_, i) => aHiddenBackend({ pid: 5000 + i }));

  test("make the count a range, and the free slots unknown", () => {
    const now = slots(aSample({ backends: [...backends(3), ...hidden(8)] }));
    expect(now.used).toEqual({ low: 3, high: 11 });
    expect(now.hidden).toBe(8);
    expect(now.free).toEqual({ app: null, reserved: null, superuser: null });
  });

  test.each<[number, number, Level]>([
    [3, 8, "ok"],
    [70, 5, "ok"],
    [70, 6, "unknown"],
    [80, 5, "warn"],
    [80, 10, "unknown"],
    [90, 9, "critical"],
  ])("%i seen and %i hidden: the level is %s", (seen, unseen, level) => {
    expect(slots(aSample({ backends: [...backends(seen), ...hidden(unseen)] })).level).toBe(level);
  });

  test("without a role name are the server's own processes, and hold no slot", () => {
    const now = slots(aSample({ backends: [aHiddenBackend({ pid: 7, user: null, database: null })] }));
    expect(now).toMatchObject({ used: { low: 0, high: 0 }, hidden: 0 });
  });
});

test.each([
  "checkpointer",
  "walwriter",
  "autovacuum launcher",
  "autovacuum worker",
  "parallel worker",
  "background worker",
  "io worker",
  "logical replication launcher",
  "pg_cron launcher",
])("no connection slot is held by: %s", (type) => {
  expect(slots(aSample({ backends: [anAuxiliary(type, 7)] })).used).toEqual({ low: 0, high: 0 });
  const inDatabase = aServersWorker({ backendType: type, user: "postgres" });
  expect(slots(aSample({ backends: [inDatabase] })).used).toEqual({ low: 0, high: 0 });
});

test("sessions that still authenticate hold slots and are counted beside", () => {
  const authenticating = backends(2, { state: "starting", user: null, database: null });
  expect(slots(aSample({ backends: [aBackend(), ...authenticating] }))).toMatchObject({
    used: { low: 3, high: 3 },
    starting: 2,
  });
});

describe("the connection limit of a role or a database", () => {
  const server = aServer({
    limits: [
      { kind: "role", name: "report", limit: 2 },
      { kind: "database", name: "shop", limit: 9 },
    ],
  });

  test("counts that role's and that database's own sessions", () => {
    const report = backends(2, { user: "report", database: "dwh" });
    const { limits } = slots(aSample({ server, backends: [...report, aBackend({ user: "app" })] }));
    expect(limits.map((limit) => [limit.name, limit.used.low, isFull(limit)])).toEqual([
      ["report", 2, true],
      ["shop", 1, false],
    ]);
  });

  test("is a range while sessions are hidden, and full only when the lower bound says so", () => {
    const { limits } = slots(
      aSample({
        server,
        backends: [aBackend({ user: "report" }), aHiddenBackend({ user: "report", database: "dwh" })],
      }),
    );
    expect(limits[0]!.used).toEqual({ low: 1, high: 2 });
    expect(isFull(limits[0]!)).toBe(false);
  });

  test("does not count parallel workers or walsenders of that role", () => {
    const others = [
      ...backends(1, { user: "report", backendType: "parallel worker" }),
      ...backends(1, { user: "report", backendType: "walsender" }),
    ];
    expect(slots(aSample({ server, backends: others })).limits[0]!.used).toEqual({ low: 0, high: 0 });
  });

  test("of 0 is always full", () => {
    const closed = aServer({ limits: [{ kind: "role", name: "nobody", limit: 0 }] });
    expect(isFull(slots(aSample({ server: closed })).limits[0]!)).toBe(true);
  });
});
