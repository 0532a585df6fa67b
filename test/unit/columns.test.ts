import { describe, expect, test } from "vitest";
import { column, COLUMNS, type ColumnId } from "../../src/state/columns.ts";
import type { Backend } from "../../src/model/backend.ts";
import { aBackend, aHiddenBackend, aSample, aServersWorker, aWaiter } from "./builders.ts";

function cell(id: ColumnId, backend: Backend, { others = [] as Backend[], beside = [] as string[] } = {}): string {
  return column(id).text(backend, aSample({ backends: [backend, ...others] }), new Set(beside));
}

test("each column has its own name, a help text and widths that grow with the screen", () => {
  expect(new Set(COLUMNS.map((one) => one.id)).size).toBe(COLUMNS.length);
  for (const { id, help, width } of COLUMNS) {
    expect(help, id).toMatch(/\S{2,}/);
    expect(
      [...width].sort((a, b) => a - b),
      id,
    ).toEqual(width);
  }
});

describe("STATE", () => {
  test.each([
    [{ state: "idle in transaction" }, "idle in tx"],
    [{ state: "fastpath function call" }, "fastpath"],
    [{ state: "active" }, "active"],
    [{ state: "starting" }, "starting"],
    [{ state: "disabled" }, "disabled"],
    [{ state: null }, ""],
    [{ state: null, backendType: "walsender" }, "walsender"],
    [{ state: "active", backendType: "parallel worker" }, "active"],
  ])("%o: %s", (fields, text) => {
    expect(cell("state", aBackend(fields))).toBe(text);
  });

  test("an idle session says for how long, unless STATE+ stands beside", () => {
    const idle = aBackend({ stateAge: 7860 });
    expect([cell("state", idle), cell("state", idle, { beside: ["state-age"] })]).toEqual(["idle 2h11", "idle"]);
  });

  test("an aborted transaction, too, since nothing else tells its age", () => {
    const aborted = aBackend({ state: "idle in transaction (aborted)", stateAge: 75 });
    expect([cell("state", aborted), cell("state", aborted, { beside: ["state-age"] })]).toEqual([
      "aborted 1m",
      "tx aborted",
    ]);
  });

  test("a session that our role may not look into is hidden", () => {
    expect(cell("state", aHiddenBackend())).toBe("hidden");
  });
});

describe("APP", () => {
  const worker = { backendType: "autovacuum worker", application: "" };
  test.each([
    [{}, "web"],
    [{ application: "" }, ""],
    [{ backendType: "walsender", application: "standby1" }, "standby1"],
    [{ backendType: "walsender", application: "" }, "(walsender)"],
    [worker, "(autovacuum worker)"],
    [{ ...worker, backendType: "logical replication apply worker", application: "sub1" }, "sub1"],
    [{ ...worker, backendType: "parallel worker" }, "(parallel worker)"],
    [{ ...worker, backendType: "parallel worker", leaderPid: 41 }, ""],
  ])("%o: %s", (fields, text) => {
    expect(cell("app", aBackend(fields))).toBe(text);
  });

  test("is sorted by the name alone: what has none stands last", () => {
    const { sortBy } = column("app");
    const sample = aSample();
    expect([aBackend(), aServersWorker(), aBackend({ application: "" })].map((b) => sortBy(b, sample))).toEqual([
      ...["web", null, null],
    ]);
  });

  test("of a role that may not look is what the server tells everybody", () => {
    expect(cell("app", aHiddenBackend({ application: "loader" }))).toBe("loader");
    expect(cell("app", aHiddenBackend({ application: "" }))).toBe("");
  });
});

describe("ages", () => {
  const backend = aBackend({ state: "active", xactAge: 843, queryAge: 2.1, stateAge: 0.038 });
  test.each<[ColumnId, string]>([
    ["xact", "14m03"],
    ["query-age", "2.1s"],
    ["state-age", "38ms"],
  ])("%s: %s", (id, text) => {
    expect(cell(id, backend)).toBe(text);
  });

  test("that are not known are empty, not zero", () => {
    const hidden = aHiddenBackend();
    expect(["xact", "query-age", "state-age"].map((id) => cell(id as ColumnId, hidden))).toEqual(["", "", ""]);
  });
});

describe("WAIT", () => {
  test.each([
    ["a lock", { state: "active", waitEventType: "Lock", waitEvent: "tuple" }, "tuple"],
    ["nothing", { state: "active" }, ""],
    ["the client, while idle: that is what idle means", { waitEventType: "Client", waitEvent: "ClientRead" }, ""],
    [
      "the client, in a transaction",
      { state: "idle in transaction", waitEventType: "Client", waitEvent: "ClientRead" },
      "ClientRead",
    ],
    [
      "its next task, as the server's own processes do",
      { waitEventType: "Activity", waitEvent: "CheckpointerMain" },
      "",
    ],
  ])("%s", (_, fields, text) => {
    expect(cell("wait", aBackend(fields))).toBe(text);
  });

  test("names the class where there is room", () => {
    const waiting = aBackend({ state: "active", waitEventType: "IO", waitEvent: "DataFileRead" });
    expect(cell("wait", waiting, { beside: ["state-age"] })).toBe("IO:DataFileRead");
  });
});

describe("BLOCK", () => {
  test.each([
    ["how many wait behind it", aBackend({ pid: 1 }), [aWaiter(2, [1]), aWaiter(3, [2])], "blk 2"],
    ["whom it waits for, rather than who waits behind it", aWaiter(2, [1]), [aWaiter(3, [2])], "<1"],
    ["a prepared transaction", aWaiter(2, [0]), [], "<prep"],
    ["nothing", aBackend(), [], ""],
  ])("%s", (_, backend, others, text) => {
    expect(cell("block", backend, { others })).toBe(text);
  });
});

describe("the others", () => {
  test.each<[ColumnId, Backend, string]>([
    ["pid", aBackend({ pid: 30_412 }), "30412"],
    ["client", aBackend({ clientAddress: null, clientPort: -1 }), "local"],
    ["client", aHiddenBackend(), ""],
    ["db", aBackend({ database: null }), ""],
    ["user", aBackend({ user: null }), ""],
    ["app", aBackend({ application: "" }), ""],
    ["xmin", aBackend({ backendXmin: 8_800_000 }), "41.2M"],
    ["xmin", aBackend({ backendXmin: 49_999_990, backendXid: 49_999_900 }), "100"],
    ["xmin", aBackend({ backendXid: 49_999_999 }), "1"],
    ["xmin", aBackend({ backendXmin: 2 ** 32 - 5 }), "50.0M"],
    ["xmin", aBackend(), ""],
    ["query", aBackend({ query: "\n  SELECT 1" }), "SELECT 1"],
    ["query", aHiddenBackend(), "(hidden: needs pg_monitor)"],
  ])("%s", (id, backend, text) => {
    expect(cell(id, backend)).toBe(text);
  });

  test("CLIENT tells the port only where everything is told", () => {
    expect(cell("client", aBackend(), { beside: ["xmin"] })).toBe("10.0.3.17:51422");
  });
});
