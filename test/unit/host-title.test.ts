import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  knownNames,
  parseTitle,
  speaksAs10,
  titlePrefix,
  titleText,
  type Title,
  type TitleContext,
} from "../../src/source/host/title.ts";

type Given = Partial<Omit<TitleContext, "known">> & { readonly others?: readonly string[] };

function parsed(
  title: string | Buffer,
  { others = [], prefix = "postgres: ", major = 18, room = null, frozen = false }: Given = {},
): Title {
  const bytes = typeof title === "string" ? Buffer.from(title) : title;
  return parseTitle(bytes, { prefix, major, room, frozen, known: () => knownNames(others, prefix) });
}

/** The fields that matter to a test, as one line. */
function words({ backendType, user, database, clientAddress, clientPort, state }: Title): string {
  return [backendType, user, database, clientAddress, clientPort, state].map((field) => String(field)).join(" | ");
}

describe("a session", () => {
  test.each([
    ["app shop [local] idle", "app | shop | null | -1 | idle"],
    ["app shop 127.0.0.1(47628) idle in transaction", "app | shop | 127.0.0.1 | 47628 | idle in transaction"],
    ["app shop ::1(60826) idle in transaction (aborted)", "app | shop | ::1 | 60826 | idle in transaction (aborted)"],
    ["app shop fe80::1%eth0(5) SELECT", "app | shop | fe80::1%eth0 | 5 | active"],
    ["app shop web-7.example.com(9) idle", "app | shop | web-7.example.com | 9 | idle"],
    ["app shop 10.0.0.7(51422) authentication", "app | shop | 10.0.0.7 | 51422 | starting"],
    ["app shop 10.0.0.7(51422) startup", "app | shop | 10.0.0.7 | 51422 | starting"],
    ["app shop 10.0.0.7(51422) <FASTPATH>", "app | shop | 10.0.0.7 | 51422 | fastpath function call"],
    ["app shop [local] notify interrupt", "app | shop | null | -1 | idle"],
    ["app shop [local] CREATE TABLE AS", "app | shop | null | -1 | active"],
    ["app shop [local]", "app | shop | null | -1 | null"],
  ])("%s", (title, expected) => {
    expect(words(parsed(`postgres: ${title}`))).toBe(`client backend | ${expected}`);
  });

  test("that has no title but its name does not tell what it does", () => {
    expect(parsed("postgres: app shop [local]").mute).toBe(true);
    expect(parsed("postgres: app shop [local] idle").mute).toBe(false);
  });

  test("whose title stands still, since update_process_title was switched off, does not tell what it does now", () => {
    for (const does of ["idle", "idle in transaction", "SELECT", "startup"])
      expect(parsed(`postgres: app shop [local] ${does}`, { frozen: true })).toMatchObject({
        backendType: "client backend",
        user: "app",
        state: null,
        query: "",
        mute: true,
      });
    expect(parsed("postgres: checkpointer", { frozen: true })).toMatchObject({ backendType: "checkpointer" });
  });

  test("of a role called walreceiver is no walreceiver, whatever its database is called", () => {
    expect(parsed("postgres: walreceiver streaming shop [local] idle")).toMatchObject({
      backendType: "client backend",
    });
    expect(parsed("postgres: walreceiver waiting [local] idle")).toMatchObject({ backendType: "client backend" });
    expect(parsed("postgres: walreceiver idle").backendType).toBe("walreceiver");
    expect(parsed("postgres: walreceiver restarting at 0/3000000").backendType).toBe("walreceiver");
  });

  test("shows the tag of its command, with an ellipsis for what is not told", () => {
    expect(parsed("postgres: app shop [local] SELECT")).toMatchObject({ query: "SELECT …", waitEventType: null });
    expect(parsed("postgres: app shop [local] ALTER TABLE waiting")).toMatchObject({
      state: "active",
      query: "ALTER TABLE …",
      waitEventType: "Lock",
      waitEvent: null,
    });
    expect(parsed("postgres: app shop [local] COMMIT waiting for 0/3000060")).toMatchObject({
      state: "active",
      query: "COMMIT …",
      waitEventType: "IPC",
      waitEvent: "SyncRep",
    });
  });

  test("may be called what it likes: the end of the title counts, and names that are known elsewhere", () => {
    const odd = "postgres: odd (role) ünï my db (1) ü ::1(60826) idle";
    expect(parsed(odd)).toMatchObject({ backendType: "client backend", clientAddress: "::1", state: "idle" });
    expect(parsed("postgres: on call my shop [local] idle")).toMatchObject({ user: "on", database: "call my shop" });
    expect(
      parsed("postgres: on call shop [local] idle", { others: ["postgres: app shop [local] idle"] }),
    ).toMatchObject({
      user: "on call",
      database: "shop",
    });
    const others = ["postgres: app shop [local] idle", "postgres: on call shop [local] idle"];
    const both = parsed("postgres: on call my shop [local] idle", { others });
    expect(both).toMatchObject({ user: "on call", database: "my shop" });
    expect(parsed("postgres: x [local] idle y 10.0.0.1(3) SELECT")).toMatchObject({ clientPort: 3, state: "active" });
  });

  test("whose role is called as a process of the server is a session all the same", () => {
    for (const role of ["checkpointer", "startup", "archiver", "logger"])
      expect(words(parsed(`postgres: ${role} shop [local] idle`))).toBe(
        `client backend | ${role} | shop | null | -1 | idle`,
      );
  });

  test("with names in another encoding", () => {
    const title = parsed(Buffer.from("postgres: m\xfcller shop [local] idle", "latin1"));
    expect(title).toMatchObject({ user: "müller", database: "shop", state: "idle" });
  });
});

describe("a title that had no room", () => {
  const title = "postgres: app shop 127.0.0.1(47628) idle in transac";

  test("tells that there is a session, and not what it does", () => {
    expect(parsed(title, { room: title.length + 2 })).toMatchObject({ backendType: "client backend", state: null });
    // Where nobody tells how much room there is, half a word is no word.
    expect(parsed(title)).toMatchObject({
      backendType: "client backend",
      clientPort: 47_628,
      state: null,
      mute: false,
    });
    const short = "postgres: app shop 127.0.";
    expect(parsed(short, { room: short.length + 2 })).toMatchObject({ backendType: null, user: "app", state: null });
    const whole = "postgres: app shop 127.0.0.1(47628) idle";
    expect(parsed(whole, { room: whole.length + 2 })).toMatchObject({ backendType: "client backend", state: null });
    expect(parsed(`${whole} `, { room: whole.length + 3 })).toMatchObject({
      backendType: "client backend",
      state: null,
    });
    expect(parsed(whole, { room: whole.length + 3 })).toMatchObject({ backendType: "client backend", state: "idle" });
  });
});

describe("a process of the server's own", () => {
  test.each([
    ["checkpointer process", "checkpointer"],
    ["writer process", "background writer"],
    ["wal writer process", "walwriter"],
    ["autovacuum launcher process", "autovacuum launcher"],
    ["archiver process   last was 000000010000000000000001", "archiver"],
    ["stats collector process", "stats collector"],
    ["logger process", "logger"],
    ["startup process   recovering 000000010000000000000003", "startup"],
    ["wal receiver process   streaming 0/3000060", "walreceiver"],
    ["checkpointer", "checkpointer"],
    ["background writer", "background writer"],
    ["walwriter", "walwriter"],
    ["walsummarizer", "walsummarizer"],
    ["archiver failed on 000000010000000000000001", "archiver"],
    ["startup recovering 000000010000000000000003", "startup"],
    ["startup waiting for 000000010000000000000003", "startup"],
    ["walreceiver streaming 0/3000060", "walreceiver"],
    ["io worker 2", "io worker"],
    ["io worker", "io worker"],
    ["slotsync worker", "slotsync worker"],
    ["logical replication launcher", "logical replication launcher"],
    ["pg_cron launcher", "pg_cron launcher"],
  ])("%s", (title, type) => {
    const nobody = { user: null, database: null, clientPort: null, state: null };
    expect(parsed(`postgres: ${title}`)).toMatchObject({ backendType: type, ...nobody });
    expect(parsed(`postgres: prod: ${title}`, { prefix: "postgres: prod: " })).toMatchObject({ backendType: type });
  });

  test("a parallel worker names its leader, on 10 in other words", () => {
    for (const title of ["parallel worker for PID 10685", "bgworker: parallel worker for PID 10685"])
      expect(parsed(`postgres: ${title}`)).toMatchObject({ backendType: "parallel worker", leaderPid: 10_685 });
  });

  test("an autovacuum worker names its database", () => {
    for (const title of ["autovacuum worker my shop", "autovacuum worker process   my shop"])
      expect(parsed(`postgres: ${title}`)).toMatchObject({
        backendType: "autovacuum worker",
        database: "my shop",
        user: null,
      });
  });

  test("background workers of 10 have one word in pg_stat_activity, and logical replication has several since", () => {
    const ten = parsed("postgres: bgworker: logical replication launcher", { major: 10 });
    expect(ten).toMatchObject({ backendType: "background worker", query: "logical replication launcher" });
    const type = (title: string, major: number): string | null => parsed(`postgres: ${title}`, { major }).backendType;
    expect(type("logical replication worker for subscription 16389", 15)).toBe("logical replication worker");
    expect(type("logical replication apply worker for subscription 16389", 16)).toBe("logical replication worker");
    expect(type("logical replication apply worker for subscription 16389", 17)).toBe(
      "logical replication apply worker",
    );
    expect(type("logical replication tablesync worker for subscription 1 sync 2", 17)).toBe(
      "logical replication tablesync worker",
    );
    expect(type("logical replication parallel apply worker for subscription 1", 17)).toBe(
      "logical replication parallel worker",
    );
  });
});

describe("a walsender", () => {
  test.each([
    [15, "walsender repl 127.0.0.1(40) streaming 0/3000060", "repl | null | 127.0.0.1 | 40 | active"],
    // It may stream to a subscriber.
    [10, "wal sender process my repl 127.0.0.1(40) idle", "my repl | null | 127.0.0.1 | 40 | null"],
    [14, "walsender my repl 127.0.0.1(40) idle", "my repl | null | 127.0.0.1 | 40 | idle"],
    [18, "walsender repl shop [local] SELECT", "repl | shop | null | -1 | active"],
    [18, 'walsender repl [local] sending backup "x 1.2.3.4(5) idle"', "repl | null | null | -1 | active"],
    [18, "walsender repl [local]", "repl | null | null | -1 | null"],
  ])("of %i: %s", (major, title, expected) => {
    expect(words(parsed(`postgres: ${title}`, { major }))).toBe(`walsender | ${expected}`);
  });

  test("says what it does", () => {
    expect(parsed("postgres: walsender repl [local] streaming 0/3000060").query).toBe("streaming 0/3000060");
  });
});

describe("what all titles begin with", () => {
  test("is told by the checkpointer, or by the startup process while there is none", () => {
    expect(titlePrefix(["postgres: app db [local] idle", "postgres: pr od: x: checkpointer "])).toBe(
      "postgres: pr od: x: ",
    );
    expect(titlePrefix(["postgres: prod: startup   recovering 000000010000000000000003"])).toBe("postgres: prod: ");
    expect(titlePrefix(["postgres: checkpointer process   "])).toBe("postgres: ");
    expect(titlePrefix(["postgres: x: checkpointer db [local] idle", "/usr/bin/postgres"])).toBe("postgres: ");
    // A database may be called like that, and the worker in it come first in the list.
    expect(titlePrefix(["postgres: autovacuum worker x: checkpointer", "postgres: checkpointer"])).toBe("postgres: ");
    expect(speaksAs10(["postgres: checkpointer process   "])).toBe(true);
    expect(speaksAs10(["postgres: checkpointer "])).toBe(false);
  });

  test("is asked for: another program's title is not understood", () => {
    expect(parsed("/usr/lib/postgresql/17/bin/postgres").backendType).toBeNull();
    expect(parsed("").backendType).toBeNull();
  });
});

test("whatever a title is, it is read without an error, and in no time", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "postgres: ",
      "walsender ",
      "[local]",
      " 10.0.0.1(5)",
      " idle",
      " waiting",
      "(",
      ")",
      ": ",
      "checkpointer",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.option(fc.nat(100)), (pieces, room) => {
      const title = parsed(`postgres: ${pieces.join("")}`, { room, others: [pieces.join("")] });
      expect(
        title.clientPort === null || title.backendType === "client backend" || title.backendType === "walsender",
      ).toBe(true);
      return typeof titlePrefix([pieces.join("")]) === "string";
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof titleText(Buffer.from(bytes)) === "string"),
  );
  const began = performance.now();
  parsed(`postgres: ${" a(1)".repeat(800)}`);
  parsed(`postgres: ${"A ".repeat(2000)}`);
  parsed(`postgres: ${"(1)".repeat(1300)}x`);
  expect(performance.now() - began).toBeLessThan(500);
});
