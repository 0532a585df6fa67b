import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/model/backend.ts";
import { aBackend, aHiddenBackend, aSample, aServer, aServersWorker, aWaiter, backends } from "../builders.ts";
import { said, titles, titlesAmong } from "./context.ts";
import { aPrepared, aQueue, pileUp } from "./scenarios.ts";

const ID = "lock-pile-up";

test.each([
  [4, null],
  [5, "warning"],
  [9, "warning"],
  [10, "critical"],
])("%i sessions behind one: %s", (waiters, severity) => {
  expect(said(ID, aSample({ backends: pileUp(waiters) }))[0]?.severity ?? null).toBe(severity);
});

test("a wait of a minute is critical, however few wait", () => {
  const waiting = pileUp(5).map((b) =>
    b.waitEventType === "Lock" ? { ...b, queryStartSeconds: b.queryStartSeconds! - 40 } : b,
  );
  expect(said(ID, aSample({ backends: waiting }))[0]!.severity).toBe("critical");
});

test("the root is named with what it does and for how long, and is the culprit", () => {
  const [found] = said(ID, aSample({ backends: pileUp(9) }));
  expect(found!.title).toBe("9 sessions wait behind 30412 (web-7), idle in transaction for 14m03");
  expect(found!.sessions.map(({ pid }) => pid)).toEqual([30_412]);
});

describe("what to do about the root", () => {
  const first = (root: Parameters<typeof aBackend>[0]) => said(ID, aSample({ backends: pileUp(6, root) }))[0]!.next[0]!;

  test("idle in transaction: terminate it", () => {
    expect(first({}).sql).toMatch(/^SELECT pg_terminate_backend\(pid\)/);
  });

  test("at work: cancel it", () => {
    expect(first({ state: "active" }).sql).toMatch(/^SELECT pg_cancel_backend\(pid\)/);
    expect(titlesAmong(ID, pileUp(6, { state: "active", queryAge: 65 }))[0]).toMatch(/\(web-7\), active for 1m05$/);
  });

  test.each(["active", "idle in transaction"])("of a subscription, %s: wait, since ended it begins anew", (state) => {
    const backendType = "logical replication parallel worker";
    const [found] = said(ID, aSample({ backends: pileUp(6, { backendType, leaderPid: 7, state }) }));
    expect(found!.next[0]!.text).toMatch(/^wait until 30412 has applied the transaction of the publisher/);
    expect(found!.next.map(({ sql }) => sql)).toEqual([undefined]);
  });

  test("hidden from our role: find out", () => {
    const hidden = aHiddenBackend({ pid: 30_412 });
    const rows = [hidden, ...pileUp(6).slice(1)];
    const [found] = said(ID, aSample({ backends: rows }));
    expect(found!.title).toBe("at least 6 sessions wait behind 30412 (web), hidden from our role");
    expect(found!.next[0]).toEqual({ text: "find out what 30412 does: it is hidden from our role" });
  });
});

describe("behind DDL that waits itself", () => {
  const ddl = { waitEvent: "relation", query: "ALTER TABLE products ADD COLUMN x int" };
  const reader = (pid: number) => aBackend({ pid, state: "idle in transaction", xactAge: 100, stateAge: 100 });
  const queue = (n: number, roots: readonly number[] = [1]): Backend[] => [
    ...roots.map(reader),
    aWaiter(50, roots, { application: "flyway", ...ddl }),
    ...Array.from({ length: n }, (_, i) => aWaiter(60 + i, [50], { waitEvent: "relation", query: "SELECT 1" })),
  ];
  const queues = [
    aQueue({ mode: "AccessExclusiveLock", waiters: [50] }),
    aQueue({ waiters: [60, 61, 62, 63, 64, 65] }),
  ];

  test("it is cancelled first: it has done nothing, and the others go on", () => {
    const [found] = said(ID, aSample({ backends: queue(6), queues }));
    expect(found!.next.slice(0, 2).map(({ text }) => text)).toEqual([
      "cancel the waiting ALTER TABLE of 50 (flyway) first: the 6 behind it go on",
      "terminate 1 (web): its transaction rolls back",
    ]);
    expect(found!.next[0]!.sql).toMatch(/^SELECT pg_cancel_backend\(pid\) .* pid = 50 /);
    expect(found!.sessions.map(({ pid }) => pid)).toEqual([1, 50]);
  });

  test("what is waited for, the longest queue first", () => {
    const [found] = said(ID, aSample({ backends: queue(6), queues }));
    expect(found!.evidence).toContain(
      "waited for: AccessShareLock on public.products (6) and AccessExclusiveLock on public.products (1)",
    );
    expect(found!.evidence).toContain(
      "6 of them stand behind ALTER TABLE of 50 (flyway), which waits itself and has changed nothing yet",
    );
  });

  test("several that hold the table are one pile", () => {
    const found = said(ID, aSample({ backends: queue(6, [1, 2, 3]) }));
    expect(found.map(({ title }) => title)).toEqual([
      "7 sessions wait behind 1 (web), idle in transaction for 1m40, and 2 others",
    ]);
    expect(found[0]!.sessions.map(({ pid }) => pid)).toEqual([1, 2, 3, 50]);
  });

  test("DDL that has changed something already is not cancelled first", () => {
    const changed = queue(6).map((b) =>
      b.pid === 50 ? { ...b, backendXid: 7, xactStartSeconds: b.queryStartSeconds! - 60 } : b,
    );
    expect(said(ID, aSample({ backends: changed }))[0]!.next[0]!.text).toMatch(/^terminate 1 /);
  });
});

describe("behind a prepared transaction", () => {
  const waiters = Array.from({ length: 6 }, (_, i) => aWaiter(60 + i, [0]));
  const holding = [
    aQueue({
      lockType: "transactionid",
      mode: "ShareLock",
      relation: null,
      object: "49990000",
      waiters: [60, 61, 62, 63, 64, 65],
      preparedHolders: [{ xid: 49_990_000, mode: "ExclusiveLock" }],
    }),
  ];

  test("it is named, and rolled back where it is, by whom it belongs to", () => {
    const holdouts = { prepared: [aPrepared(75, "it's")], slots: [] };
    const [found] = said(ID, aSample({ backends: waiters, queues: holding, holdouts }));
    expect(found!.title).toBe("6 sessions wait behind the prepared transaction it's, 1m15 old");
    expect(found!.next[0]).toEqual({
      text: "unless its coordinator is to commit it, roll it back in database shop, as app or a superuser",
      sql: "ROLLBACK PREPARED 'it''s';",
    });
    expect(found!.evidence).toContain("waited for: the end of transaction 49990000 (6)");
    expect(found!.sessions).toEqual([]);
  });

  test("whose name is not known", () => {
    expect(titles(ID, aSample({ backends: waiters }))).toEqual(["6 sessions wait behind a prepared transaction"]);
  });

  test("of several that hold the lock, none is accused", () => {
    const both = [
      {
        ...holding[0]!,
        ...{ lockType: "relation", mode: "ShareLock", relation: "public.orders" },
        preparedHolders: [
          { xid: 49_990_000, mode: "RowExclusiveLock" },
          { xid: 4711, mode: "RowExclusiveLock" },
        ],
      },
    ];
    const holdouts = { prepared: [aPrepared(75, "a"), { ...aPrepared(75, "b"), xid: 4711 }], slots: [] };
    expect(titles(ID, aSample({ backends: waiters, queues: both, holdouts }))).toEqual([
      "6 sessions wait behind one of 2 prepared transactions, the first a",
    ]);
  });

  test("one that holds the lock in a mode that is in nobody's way is not accused", () => {
    const preparedHolders = [
      { xid: 49_990_000, mode: "AccessExclusiveLock" },
      { xid: 4711, mode: "AccessShareLock" },
    ];
    const queues = [aQueue({ ...holding[0]!, lockType: "relation", mode: "RowShareLock", preparedHolders })];
    const holdouts = { prepared: [aPrepared(75, "a"), { ...aPrepared(75, "b"), xid: 4711 }], slots: [] };
    expect(titles(ID, aSample({ backends: waiters, queues, holdouts }))).toEqual([
      "6 sessions wait behind the prepared transaction a, 1m15 old",
    ]);
  });
});

test("who waits without having been asked for whom is no root, though others wait behind it", () => {
  const root = aBackend({ pid: 1, state: "idle in transaction", xactAge: 100, stateAge: 100 });
  const unasked = aWaiter(50, [], { waitEvent: "relation", query: "ALTER TABLE products ADD COLUMN x int" });
  const asked = Array.from({ length: 6 }, (_, i) => aWaiter(60 + i, [1, 50], { waitEvent: "relation" }));
  const queues = [
    aQueue({ mode: "AccessExclusiveLock", waiters: [50] }),
    aQueue({ waiters: asked.map(({ pid }) => pid) }),
  ];
  const [found] = said(ID, aSample({ backends: [root, unasked, ...asked], queues, waitersNotResolved: 1 }));
  expect(found!.sessions.map(({ pid }) => pid)).not.toContain(50);
  expect(found!.title).toMatch(/behind 1 \(web\), idle in transaction for 1m40$/);
});

test("on a standby what replay holds is ended on the primary: no signal reaches the startup process", () => {
  const startup = aServersWorker({ pid: 7, backendType: "startup", query: "" });
  const waiters = Array.from({ length: 6 }, (_, i) => aWaiter(60 + i, [7]));
  const [found] = said(ID, aSample({ backends: [startup, ...waiters], server: aServer({ role: "standby" }) }));
  expect(found!.next).toEqual([
    { text: "end the transaction on the primary that holds the lock: replay takes it here, and no signal ends it" },
  ]);
});

test("two piles that have nothing to do with each other are two, the larger first", () => {
  const other = [
    aBackend({ pid: 1, application: "x", state: "active" }),
    ...Array.from({ length: 12 }, (_, i) => aWaiter(20 + i, [1])),
  ];
  expect(titlesAmong(ID, [...pileUp(6), ...other]).map((title) => title.slice(0, 22))).toEqual([
    "12 sessions wait behin",
    "6 sessions wait behind",
  ]);
});

test("a deadlock in flight has no root, and is the server's to resolve", () => {
  const circle = Array.from({ length: 6 }, (_, i) => aWaiter(10 + i, [10 + ((i + 1) % 6)]));
  expect(titlesAmong(ID, circle)).toEqual([]);
});

test("waiters that were not asked whom they wait for may have to be added", () => {
  const notAsked = Array.from({ length: 40 }, (_, i) => aWaiter(5000 + i, []));
  const sample = aSample({ backends: [...pileUp(9), ...notAsked], waitersNotResolved: 40 });
  const [found] = said(ID, sample);
  expect(found!.title).toMatch(/^at least 9 sessions wait behind/);
  expect(found!.evidence).toContain("40 more sessions wait, and it is not told for whom");
});

test("the time-out that would have prevented it is of the root's role", () => {
  const steps = said(ID, aSample({ backends: pileUp(6, { user: "Batch" }) }))[0]!.next;
  expect(steps.at(-1)!.sql).toBe(`ALTER ROLE "Batch" SET idle_in_transaction_session_timeout = '5min';`);
});

test("nothing waits on a server of sessions at work", () => {
  expect(titlesAmong(ID, backends(50, { state: "active" }))).toEqual([]);
});
