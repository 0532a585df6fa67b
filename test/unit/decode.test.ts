import { describe, expect, test } from "vitest";
import { decodeBackend, decodeServer, interner, sameServer, type TextRow } from "../../src/source/decode.ts";

/** One row of activity.sql as it comes over the wire. */
const ROW: TextRow = [
  "30412",
  "2026-11-22 09:20:11.123456+00",
  "1795339211.123456",
  "client backend",
  "app",
  "shop",
  "web-7",
  "10.0.3.17",
  "51422",
  "idle in transaction",
  "Client",
  "ClientRead",
  "1795340708.5",
  "1795340709.5",
  "1795340710.5",
  "7781231",
  "7781230",
  null,
  "-58219930112",
  null,
  "UPDATE accounts",
];

const decoded = (row: TextRow, before?: ReturnType<typeof decodeBackend>) => decodeBackend(row, before, interner());
const changed = (column: number, to: string | null): TextRow => ROW.map((text, i) => (i === column ? to : text));

test("a row becomes a backend", () => {
  expect(decoded(ROW)).toEqual({
    key: "30412@2026-11-22 09:20:11.123456+00",
    pid: 30_412,
    backendStart: "2026-11-22 09:20:11.123456+00",
    backendStartSeconds: 1_795_339_211.123456,
    backendType: "client backend",
    user: "app",
    database: "shop",
    application: "web-7",
    clientAddress: "10.0.3.17",
    clientPort: 51_422,
    state: "idle in transaction",
    waitEventType: "Client",
    waitEvent: "ClientRead",
    xactStartSeconds: 1_795_340_708.5,
    queryStartSeconds: 1_795_340_709.5,
    stateChangeSeconds: 1_795_340_710.5,
    backendXid: 7_781_231,
    backendXmin: 7_781_230,
    leaderPid: null,
    queryId: "-58219930112",
    blockedBy: [],
    query: "UPDATE accounts",
  });
});

test("what our role may not see is null, and never 0", () => {
  const hidden = decoded(["7", ...Array.from({ length: 20 }, () => null)]);
  expect(hidden).toMatchObject({
    key: "7@hidden",
    backendStart: null,
    backendType: null,
    clientPort: null,
    xactStartSeconds: null,
  });
  expect(hidden).toMatchObject({ application: "", query: "", blockedBy: [] });
});

test.each([
  [null, []],
  ["{}", []],
  ["{41}", [41]],
  ["{41,0,7}", [41, 0, 7]],
  ["{41,41,7}", [41, 7]],
])("blockers %j are %j", (text, pids) => {
  expect(decoded(changed(19, text)).blockedBy).toEqual(pids);
});

describe("a row that did not change", () => {
  test("is the same object as before, so that history keeps it once", () => {
    const before = decoded(ROW);
    expect(decoded([...ROW], before)).toBe(before);
  });

  test("also while it waits for the same blockers", () => {
    const before = decoded(changed(19, "{41,7}"));
    expect(decoded(changed(19, "{41,7}"), before)).toBe(before);
  });

  test("also when it is hidden", () => {
    const hidden: TextRow = ["7", ...Array.from({ length: 20 }, () => null)];
    const before = decoded(hidden);
    expect(decoded([...hidden], before)).toBe(before);
  });

  test.each([
    [1, "2026-11-22 09:20:11.123457+00"],
    [2, "1"],
    [3, "walsender"],
    [4, "etl"],
    [5, "dwh"],
    [6, "web-8"],
    [7, "10.0.3.18"],
    [8, "51423"],
    [9, "active"],
    [10, "Lock"],
    [11, "tuple"],
    [12, "1795340709"],
    [13, "1795340710"],
    [14, "1795340711"],
    [15, "7781232"],
    [16, null],
    [17, "41"],
    [18, "1"],
    [19, "{41}"],
    [20, "SELECT 1"],
  ])("is a new one as soon as column %i is %j", (column, to) => {
    const before = decoded(ROW);
    const after = decoded(changed(column, to), before);
    expect(after).not.toBe(before);
    expect(after).toEqual(decoded(changed(column, to)));
  });
});

describe("what the server says of itself", () => {
  const SERVER: TextRow = [
    "17.10 (Debian 17.10-1)",
    "170010",
    "f",
    "shop",
    "monitor",
    "4711",
    "1791800000.5",
    "100",
    "3",
    "2",
    "10",
    "on",
    "1024",
    "f",
    "t",
    "f",
    "UTF8",
    "f",
    "f",
  ];
  const ROLES: readonly TextRow[] = [
    ["monitor", "f", "t"],
    ["app", "f", "t"],
    ["postgres", "t", "f"],
  ];
  const decodedServer = (row: TextRow, roles = ROLES) =>
    decodeServer(
      row,
      [
        ["role", "report", "10"],
        ["database", "shop", "50"],
      ],
      roles,
      { host: "db", port: 5433, lane: "walsender" },
    );
  const with_ = (column: number, to: string) => decodedServer(SERVER.map((text, i) => (i === column ? to : text)));

  test("is decoded", () => {
    expect(decodedServer(SERVER)).toEqual({
      lane: "walsender",
      version: "17.10 (Debian 17.10-1)",
      versionNum: 170_010,
      role: "primary",
      host: "db",
      port: 5433,
      database: "shop",
      user: "monitor",
      ownPid: 4711,
      startedSeconds: 1_791_800_000.5,
      settings: {
        maxConnections: 100,
        superuserReserved: 3,
        reserved: 2,
        maxWalSenders: 10,
        trackActivities: true,
        queryTextBytes: 1024,
      },
      limits: [
        { kind: "role", name: "report", limit: 10 },
        { kind: "database", name: "shop", limit: 50 },
      ],
      rights: {
        superuser: false,
        usesReserved: false,
        seeAll: true,
        signal: false,
        signalAutovacuum: false,
        listArchiveStatus: false,
        getAios: false,
        roles: ["monitor", "app"],
      },
      superusers: ["postgres"],
      tuning: null,
      databaseAges: [],
      postmaster: null,
    });
  });

  test("a standby is one", () => {
    expect(with_(2, "t").role).toBe("standby");
  });

  test("a superuser may everything", () => {
    expect(with_(13, "t").rights).toMatchObject({
      superuser: true,
      usesReserved: true,
      seeAll: true,
      signal: true,
      signalAutovacuum: true,
    });
  });

  test("who has a right to the reserved slots need not be a superuser", () => {
    expect(with_(18, "t").rights).toMatchObject({ superuser: false, usesReserved: true });
  });

  test("who may signal others, or autovacuum, need not be a superuser", () => {
    expect(with_(15, "t").rights).toMatchObject({ superuser: false, signal: true, signalAutovacuum: false });
    expect(with_(17, "t").rights).toMatchObject({ superuser: false, signal: false, signalAutovacuum: true });
  });

  test("a superuser is one of the superusers, and itself", () => {
    const { superusers, rights } = decodedServer(SERVER, [["monitor", "t", "t"]]);
    expect({ superusers, roles: rights.roles }).toEqual({ superusers: ["monitor"], roles: ["monitor"] });
  });

  test("is the same until something in it changes", () => {
    expect(sameServer(decodedServer(SERVER), decodedServer([...SERVER]))).toBe(true);
    expect(sameServer(decodedServer(SERVER), with_(7, "200"))).toBe(false);
  });
});
