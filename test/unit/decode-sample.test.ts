import { describe, expect, test } from "vitest";
import { decodeHoldouts } from "../../src/source/decode-holdouts.ts";
import { decodeQueues } from "../../src/source/decode-queues.ts";
import { decodeTuning } from "../../src/source/decode-tuning.ts";
import type { TextRow } from "../../src/source/decode.ts";
import { UTF8_EVERYWHERE } from "../../src/source/encodings.ts";

describe("a lock that somebody waits for", () => {
  const NAMES = ["datname", "nspname", "relname", "relation", "page", "tuple", "virtualxid", "xid", "classid"];
  const row = (given: Readonly<Record<string, string>>): TextRow => [
    given["locktype"] ?? "relation",
    given["mode"] ?? "AccessExclusiveLock",
    ...[...NAMES, "objid", "objsubid", "pids", "since", "prepared"].map((name) => given[name] ?? null),
  ];
  const queue = (given: Readonly<Record<string, string>>) => decodeQueues([row(given)], UTF8_EVERYWHERE)[0]!;

  test("has the table's name as psql would write it, and all who wait, in their order", () => {
    const table = { nspname: "public", relname: "Orders", relation: "16400" };
    expect(queue({ ...table, pids: "41 40 7", since: "10.5 11 12.25" })).toEqual({
      lockType: "relation",
      mode: "AccessExclusiveLock",
      relation: 'public."Orders"',
      object: "",
      waiters: [41, 40, 7],
      sinceSeconds: [10.5, 11, 12.25],
      preparedHolders: [],
    });
  });

  test("of another database has a number, and its database", () => {
    expect(queue({ datname: "dwh", relation: "16400", pids: "1" }).relation).toBe("relation 16400 of dwh");
  });

  test("made in a transaction that has not committed has a number", () => {
    expect(queue({ relation: "16400", pids: "1" }).relation).toBe("relation 16400");
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["a tuple", { locktype: "tuple", relation: "1", page: "3", tuple: "7" }, "(3,7)"],
    ["a page", { locktype: "page", relation: "1", page: "3" }, "page 3"],
    ["a virtual xid", { locktype: "virtualxid", virtualxid: "4/182" }, "4/182"],
    ["an xid", { locktype: "transactionid", xid: "7781231" }, "7781231"],
    ["one bigint", { locktype: "advisory", classid: "0", objid: "42", objsubid: "1" }, "42"],
    ["a large bigint", { locktype: "advisory", classid: "1", objid: "2", objsubid: "1" }, "4294967298"],
    ["a negative bigint", { locktype: "advisory", classid: "4294967295", objid: "4294967295", objsubid: "1" }, "-1"],
    ["two ints", { locktype: "advisory", classid: "7", objid: "4294967295", objsubid: "2" }, "7, -1"],
    ["an object of a catalog", { locktype: "object", classid: "1262", objid: "5", objsubid: "0" }, "1262.5"],
    ["a table and nothing else", { relation: "1" }, ""],
  ])("is named within its type: %s", (_, given, object) => {
    expect(queue({ pids: "1", ...given }).object).toBe(object);
  });

  test("tells which prepared transactions hold it, and in which mode", () => {
    expect(queue({ pids: "1", prepared: "740 RowExclusiveLock,752 ShareLock" }).preparedHolders).toEqual([
      { xid: 740, mode: "RowExclusiveLock" },
      { xid: 752, mode: "ShareLock" },
    ]);
  });
});

test("prepared transactions and replication slots come in one answer, and what a slot does not have is null", () => {
  const rows: TextRow[] = [
    ["prepared", "pay\\\\1", "app", "shop", "740", null, null, "1795000000.5", null, null, null],
    ["physical", "berlin", null, null, null, "731", null, null, "t", "4711", "0"],
    ["logical", "cdc", null, "shop", null, null, "700", "1795000001", "f", null, "83886080"],
  ];
  expect(decodeHoldouts(rows, UTF8_EVERYWHERE)).toEqual({
    prepared: [{ gid: "pay\\1", owner: "app", database: "shop", xid: 740, preparedSeconds: 1795000000.5 }],
    slots: [
      {
        ...{ name: "berlin", kind: "physical", database: null, active: true, activePid: 4711, xmin: 731 },
        ...{ catalogXmin: null, retainedBytes: 0, inactiveSinceSeconds: null },
      },
      {
        ...{ name: "cdc", kind: "logical", database: "shop", active: false, activePid: null, xmin: null },
        ...{ catalogXmin: 700, retainedBytes: 83_886_080, inactiveSinceSeconds: 1795000001 },
      },
    ],
  });
});

describe("settings", () => {
  const SETTINGS: TextRow[] = [
    ["work_mem", "4096", "kB"],
    ["shared_buffers", "16384", "8kB"],
    ["idle_in_transaction_session_timeout", "300000", "ms"],
    ["statement_timeout", "0", "ms"],
  ];
  const US = { user: "monitor", database: "shop" };
  const tuning = (settings: readonly TextRow[], overrides: readonly TextRow[] = []) =>
    decodeTuning(settings, overrides, US, UTF8_EVERYWHERE, { machineBytes: null, machineIs: null });

  test("are bytes and seconds, and what the server does not have is null or what it was before", () => {
    expect(tuning(SETTINGS)).toMatchObject({
      ...{ workMemBytes: 4 * 2 ** 20, hashMemMultiplier: 1, sharedBytes: 128 * 2 ** 20, machineBytes: null },
      timeouts: {
        ...{ idle_in_transaction_session_timeout: 300, statement_timeout: 0 },
        ...{ idle_session_timeout: null, transaction_timeout: null },
      },
    });
  });

  test("the whole of shared memory is known from 15 on, and then that counts", () => {
    expect(tuning([...SETTINGS, ["shared_memory_size", "143", "MB"]]).sharedBytes).toBe(143 * 2 ** 20);
  });

  test.each<[string, TextRow]>([
    ["our role", [null, "monitor", "statement_timeout", "5s"]],
    ["our database", ["shop", null, "statement_timeout", "5s"]],
    ["our role in our database", ["shop", "monitor", "statement_timeout", "5s"]],
  ])("what is set for %s hides from us what others get", (_, row) => {
    const { timeouts, overrides } = tuning(SETTINGS, [row]);
    expect(timeouts.statement_timeout).toBeNull();
    expect(timeouts.idle_in_transaction_session_timeout).toBe(300);
    expect(overrides).toEqual([{ database: row[0], role: row[1], name: "statement_timeout", value: "5s" }]);
  });

  test("what is set for another role hides nothing", () => {
    expect(tuning(SETTINGS, [[null, "app", "statement_timeout", "5s"]]).timeouts.statement_timeout).toBe(0);
  });
});
