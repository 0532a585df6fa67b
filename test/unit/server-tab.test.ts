import { describe, expect, test } from "vitest";
import { NO_WISH } from "../../src/analysis/outlook.ts";
import { processRows } from "../../src/state/process-rows.ts";
import type { State } from "../../src/state/state.ts";
import { selectedTabRow } from "../../src/state/tab-cursor.ts";
import {
  aBackend,
  aCounters,
  aProcessUsage,
  aSample,
  aServer,
  aServersWorker,
  aState,
  aTuning,
  aWorkings,
  NOW,
  press,
  run,
  seen,
  settings,
  shown,
} from "./builders.ts";

const SIZE = { width: 120, height: 40 };
const GB = 2 ** 30;
const USAGE = {
  postmasterPid: 1,
  processes: new Map([[10, aProcessUsage({ pid: 10, cpuPercent: 42, memoryBytes: 3 * 2 ** 20 })]]),
  groupBytes: null,
};
const SAMPLE = aSample({
  backends: [
    aBackend({ pid: 2, backendType: "checkpointer", user: null, database: null, state: null }),
    aBackend({ pid: 10, state: "active" }),
    aBackend({ pid: 11, state: "idle" }),
  ],
  server: aServer({ tuning: aTuning({ machineBytes: 8 * GB, machineIs: "machine" }) }),
  usage: USAGE,
});

function after(...keys: readonly string[]): State {
  return run(aState(SIZE), seen(SAMPLE), press("5", ...keys)).state;
}

describe("the Server tab", () => {
  test("has three views, and z goes round", () => {
    const views = ["", "z", "zz", "zzz"].map((keys) => after(...keys).view.serverView);
    expect(views).toEqual(["processes", "memory", "settings", "processes"]);
    expect(shown(after())).toMatch(/\[Processes\].*Memory, what if.*Settings +z next/);
    expect(shown(after("z"))).toMatch(/Processes +\[Memory, what if\]/);
  });

  test("on a narrow screen names the open view alone: what fails is in sight", () => {
    const archiver = aBackend({ pid: 4, backendType: "archiver", user: null, database: null, state: null });
    const failing = aSample({
      backends: [...SAMPLE.backends, archiver],
      counters: aCounters({ archiver: { lastFailedSeconds: NOW - 5, lastFailedWal: "000000010000000000000001" } }),
    });
    const opened = run(aState({ width: 40, height: 10 }), seen(failing), press("5")).state;
    expect(shown(opened)).toContain("[Processes] z │ ▲ archiver fails");
    expect(shown(run(opened, press("z")).state)).toContain("[Memory] z │ ");
  });

  test("each view keeps its own place", () => {
    const process = selectedTabRow(after("j"))?.key;
    expect(selectedTabRow(after("j", "z", "j", "j", "z", "z"))?.key).toBe(process);
    expect(selectedTabRow(after("j", "z", "j", "j", "z", "z", "z"))?.key).toBe(
      selectedTabRow(after("z", "j", "j"))?.key,
    );
  });

  test("the cursor begins on the process that a finding is about, and n leads there from elsewhere", () => {
    const process = (pid: number, backendType: string) =>
      aBackend({ pid, backendType, user: null, database: null, state: null });
    const failing = aSample({
      backends: [process(2, "checkpointer"), process(3, "walwriter"), process(4, "archiver")],
      counters: aCounters({ archiver: { lastFailedSeconds: NOW - 5, lastFailedWal: "000000010000000000000001" } }),
      server: aServer({ tuning: aTuning({ settings: settings({ archive_mode: "on" }) }) }),
    });
    const opened = run(aState(SIZE), seen(failing), press("5")).state;
    expect(selectedTabRow(opened)?.backend?.pid).toBe(4);
    const moved = run(opened, press("k", "k")).state;
    expect(selectedTabRow(run(moved, press("1", "5")).state)?.backend?.pid).toBe(2);
    expect(selectedTabRow(run(moved, press("n")).state)?.backend?.pid).toBe(4);
  });

  test("opened with --tab server, as soon as a finding is about one, until somebody presses a key", () => {
    const process = (pid: number, backendType: string) =>
      aBackend({ pid, backendType, user: null, database: null, state: null });
    const rows = {
      backends: [process(2, "checkpointer"), process(3, "walwriter"), process(4, "archiver")],
      server: aServer({ tuning: aTuning({ settings: settings({ archive_mode: "on" }) }) }),
    };
    const failing = (secondsLater: number) =>
      aSample({
        ...{ ...rows, secondsLater },
        counters: aCounters({ archiver: { lastFailedSeconds: NOW - 5, lastFailedWal: "000000010000000000000001" } }),
      });
    const start = aState({ width: 60, height: 15 });
    const onTab: State = { ...start, view: { ...start.view, tab: "server" } };
    const pidAfter = (...messages: Parameters<typeof run> extends [State, ...infer M] ? M : never) =>
      selectedTabRow(run(onTab, ...messages).state)?.backend?.pid;
    expect(pidAfter(seen(failing(0)))).toBe(4);
    expect(pidAfter(seen(aSample({ ...rows, counters: aCounters() })), seen(failing(2)))).toBe(4);
    expect(pidAfter(seen(aSample({ ...rows, counters: aCounters() })), press("j"), seen(failing(2)))).toBe(2);
    expect(shown(run(onTab, seen(failing(0))).state)).toMatch(/> +4 .{0,3} archiver .*FAILS/);
  });

  test("a key that acts is about the process under the cursor, and the server's own are not ended", () => {
    const { state, effects } = run(after("j"), press("x"));
    expect(selectedTabRow(state)?.backend?.pid).toBe(2);
    expect([state.dialog, state.notice?.text]).toEqual([
      null,
      "2 is the server's own checkpointer: it is not ended from here",
    ]);
    expect(effects).toEqual([]);
  });
});

describe("Enter on a process", () => {
  const rows = {
    ...SAMPLE,
    backends: [...SAMPLE.backends, aServersWorker({ pid: 12, query: "autovacuum: VACUUM big" })],
  };
  const opened = (...keys: readonly string[]): State => run(aState(SIZE), seen(rows), press("5", ...keys)).state;

  test("of the server's own opens a page that says what it is for and how it does, and offers no key that ends it", () => {
    const page = shown(opened("j", "enter"));
    expect(page).toContain("Checkpointer 2");
    expect(page).toContain("writes dirty buffers to disk at checkpoints");
    expect(page).toContain("How it does is unknown, because");
    expect(page).not.toMatch(/\?@\?|no query yet|x terminate/);
  });

  test("that has no row of pg_stat_activity, too", () => {
    const page = shown(opened("enter"));
    expect(page).toContain("Postmaster 1");
    expect(page).toContain("accepts connections, starts all others");
  });

  test("that works in a database opens the page of its session, with what it is for", () => {
    const { key } = processRows(rows).find(({ node }) => node.kind === "autovacuum worker")!;
    const at = processRows(rows).findIndex((row) => row.key === key);
    const page = shown(opened(...Array.from({ length: at }, () => "j"), "enter"));
    expect(page).toContain("Backend 12");
    expect(page).toContain("Autovacuum worker");
    expect(page).toContain("vacuums and analyzes tables");
    expect(page).toContain("It runs autovacuum: VACUUM big");
  });

  test("on the line of the sessions lists them", () => {
    expect(opened("G", "enter").view).toMatchObject({ tab: "sessions", page: "sessions" });
  });

  test("whose page is open, and that has ended, is said to have", () => {
    const { state } = run(opened("j", "enter"), seen({ ...rows, backends: rows.backends.slice(1) }));
    expect(shown(state)).toContain("it has ended");
  });
});

test("the page of a session tells what it takes of the machine, and how far it is", () => {
  const progress = {
    ...{ pid: 10, command: "CREATE INDEX", phase: "building index", database: "shop", relation: "public.big" },
    ...{ relationId: 1, done: 42, total: 100, unit: "blocks" as const },
  };
  const { state } = run(
    aState(SIZE),
    seen({ ...SAMPLE, workings: aWorkings({ progress: [progress] }) }),
    press("enter"),
  );
  const page = shown(state);
  expect(page).toContain("Processor: 42 % of one. Memory of its own: 3.0 MB");
  expect(page).toContain("CREATE INDEX of big: building index");
});

describe("what is read only while somebody looks", () => {
  const watched = (...keys: readonly string[]): unknown[] =>
    run(aState(SIZE), seen(SAMPLE), press(...keys)).effects.flatMap((effect) =>
      effect.kind === "watch" ? [effect.watch] : [],
    );

  test("begins with the tab and ends with it", () => {
    const [nothing, all] = [
      { workings: false, usage: false },
      { workings: true, usage: true },
    ];
    expect([watched("5"), watched("5", "j"), watched("5", "1"), watched("5", "p", "p")]).toEqual([
      [all],
      [all],
      [all, nothing],
      [all],
    ]);
    expect(watched("1", "2", "3", "4", "j")).toEqual([]);
  });

  test("begins with the page of a session and ends with it, and with a picture that stands still", () => {
    const [nothing, all] = [
      { workings: false, usage: false },
      { workings: true, usage: true },
    ];
    expect([watched("enter", "escape"), watched("enter", "p"), watched("p", "enter")]).toEqual([
      [all, nothing],
      [all, nothing],
      [],
    ]);
  });

  test("is no more than what is looked at: memory needs the machine alone, settings nothing of it", () => {
    const states = [
      ["5", "z"],
      ["5", "z", "z"],
    ].map((keys) => run(aState(SIZE), seen(SAMPLE), press(...keys)).state);
    expect(states.map(({ watch }) => watch)).toEqual([
      { workings: false, usage: true },
      { workings: false, usage: false },
    ]);
  });

  test("of the machine as well while a column shows it, or the list is sorted by it", () => {
    for (const given of [
      { columns: ["pid", "cpu"] as const },
      { sort: { column: "mem", descending: true } as const },
    ]) {
      const { state } = run(aState({ ...SIZE, ...given }), seen(SAMPLE));
      expect(state.watch).toEqual({ workings: false, usage: true });
    }
  });
});

describe("columns of what a session takes of the machine", () => {
  test("are shown when they are chosen, and sort", () => {
    const columns = ["pid", "cpu", "mem", "read", "write", "query"] as const;
    const start = aState({ ...SIZE, columns, sort: { column: "mem", descending: true } });
    const lines = shown(run(start, seen(SAMPLE)).state).split("\n");
    expect(lines.find((line) => /PID +CPU% +MEM▼ +READ\/S +WRITE\/S +QUERY/.test(line))).toBeDefined();
    const rows = lines.filter((line) => /^.?. *1[01] /.test(line));
    expect(rows[0]).toMatch(/10 +42 +3\.0 MB +0 +0/);
    expect(rows[1]).toMatch(/11 +SELECT/);
  });
});

describe("what if", () => {
  const memory = (...keys: readonly string[]): State => after("z", ...keys);

  test("→ and ← change what is under the cursor, and the sum goes with it", () => {
    expect(memory("right").view.whatIf.connections).toBe(120);
    expect(memory("right", "left").view.whatIf.connections).toBeNull();
    expect(memory("j", "right", "right").view.whatIf.workMemBytes).toBe(16 * 2 ** 20);
    const sum = (state: State): string[] => /worst case, the sum +(\S+ \S+) +(\S+ \S+)?/.exec(shown(state))!.slice(1);
    expect(sum(memory("j", "right"))[1]).not.toBe(sum(memory("j", "right"))[0]);
  });

  test("Enter types a value; what is none is said and changes nothing", () => {
    expect(memory("j", "enter", "C-u", ..."64MB", "enter").view).toMatchObject({
      whatIf: { workMemBytes: 64 * 2 ** 20 },
      editor: null,
    });
    const wrong = memory("j", "enter", "C-u", ..."many", "enter");
    expect(wrong.view.whatIf.workMemBytes).toBeNull();
    expect(wrong.notice?.text).toMatch(/^not changed by "many": an amount, please/);
    expect(memory("enter", "C-u", ..."500", "escape").view).toMatchObject({
      whatIf: { connections: null },
      editor: null,
    });
  });

  test("what is typed takes the place of what stands there, unless that was touched before", () => {
    const workMem = (...keys: readonly string[]) => memory("j", "enter", ...keys, "enter").view.whatIf.workMemBytes;
    expect(workMem(..."256MB")).toBe(256 * 2 ** 20);
    expect(workMem("home", "6")).toBe(64 * 2 ** 20);
    expect(workMem("left", "left", "0")).toBe(40 * 2 ** 20);
    expect(workMem("backspace", "backspace", ..."0MB")).toBe(40 * 2 ** 20);
    const pasted = run(memory("j", "enter"), { kind: "paste", text: "8MB", at: NOW }, press("enter")).state;
    expect(pasted.view.whatIf.workMemBytes).toBe(8 * 2 ** 20);
    expect(memory("j", "enter", "end", ..."256MB", "enter").notice?.text).toMatch(/^not changed by "4MB256MB": /);
  });

  test("what is typed is for the field that it was begun for, wherever the mouse goes", () => {
    const typing = run(
      aState({ ...SIZE, mouse: true }),
      ...[seen(SAMPLE), press("5", "z", "enter", "C-u", ..."20")],
      ...(["wheel-down", "click"] as const).map((action) => ({
        ...({ kind: "mouse", action, column: 10, row: 12, at: NOW } as const),
      })),
    ).state;
    expect(run(typing, press("0", "enter")).state.view.whatIf).toEqual({ ...NO_WISH, connections: 200 });
  });

  test("what was typed while the settings got out of sight is said to be lost", () => {
    const host = aSample({ server: aServer({ lane: "host", tuning: null }) });
    const { state } = run(aState(SIZE), seen(SAMPLE), press("5", "z", "enter", "C-u", ..."20"), seen(host));
    const entered = run(state, press("enter")).state;
    expect(entered.view).toMatchObject({ whatIf: NO_WISH, editor: null });
    expect(entered.notice?.text).toMatch(/^not changed: /);
  });

  test("typing what it is now asks for nothing", () => {
    expect(memory("right", "enter", "C-u", ..."100", "enter").view.whatIf).toEqual(NO_WISH);
  });

  test("Enter twice changes nothing, however odd the amount", () => {
    const odd = aSample({ server: aServer({ tuning: aTuning({ workMemBytes: 5000 * 1024 }) }) });
    const { state } = run(aState(SIZE), seen(odd), press("5", "z", "j", "enter", "enter"));
    expect(state.view).toMatchObject({ whatIf: NO_WISH, editor: null });
  });

  test("\\ takes it back: what is under the cursor, elsewhere all of it", () => {
    const two = ["right", "j", "right"];
    expect(memory(...two, "\\").view.whatIf).toMatchObject({ connections: 120, workMemBytes: null });
    expect(memory(...two, "G", "\\").view.whatIf).toMatchObject({ connections: null, workMemBytes: null });
  });

  test("on any other line ← and → do nothing, and neither on the other views", () => {
    expect(memory("G", "right").view.whatIf).toEqual(memory().view.whatIf);
    expect(after("right", "enter", "escape").view.whatIf).toEqual(memory().view.whatIf);
  });
});
