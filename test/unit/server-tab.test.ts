import { describe, expect, test } from "vitest";
import type { State } from "../../src/state/state.ts";
import { selectedTabRow } from "../../src/state/tab-cursor.ts";
import { aBackend, aProcessUsage, aSample, aServer, aState, aTuning, press, run, seen, shown } from "./builders.ts";

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

  test("each view keeps its own place", () => {
    const process = selectedTabRow(after("j"))?.key;
    expect(selectedTabRow(after("j", "z", "j", "j", "z", "z"))?.key).toBe(process);
    expect(selectedTabRow(after("j", "z", "j", "j", "z", "z", "z"))?.key).toBe(
      selectedTabRow(after("z", "j", "j"))?.key,
    );
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
    expect([watched("5"), watched("5", "z", "j"), watched("5", "1"), watched("5", "p", "p")]).toEqual([
      [all],
      [all],
      [all, nothing],
      [all],
    ]);
    expect(watched("1", "2", "3", "4", "j")).toEqual([]);
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
    expect(wrong.notice?.text).toMatch(/^not changed: an amount, please/);
    expect(memory("enter", "C-u", ..."500", "escape").view).toMatchObject({
      whatIf: { connections: null },
      editor: null,
    });
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
