import { describe, expect, test } from "vitest";
import { selectedRow } from "../../src/state/selection.ts";
import { selectedTabRow } from "../../src/state/tab-cursor.ts";
import { TABS, tabRows } from "../../src/state/tabs.ts";
import type { State } from "../../src/state/state.ts";
import {
  aBackend,
  aHiddenBackend,
  aSample,
  aState,
  aWaiter,
  listed,
  press,
  resized,
  run,
  seen,
  shown,
} from "./builders.ts";
import { duringAnIncident } from "./incident.ts";
import { aQueue } from "./queues.ts";

const SIZE = { width: 120, height: 40 };

function pidOfTab(state: State): number | null {
  return selectedTabRow(state)?.backend?.pid ?? null;
}

describe("tabs", () => {
  test("each has a digit, and Tab goes round", () => {
    for (const { id, key } of TABS) expect(run(duringAnIncident(SIZE), press(key)).state.view.tab).toBe(id);
    const around = TABS.map((_, i) => run(duringAnIncident(SIZE), press(...TABS.slice(0, i).map(() => "tab"))).state);
    expect(around.map(({ view }) => view.tab)).toEqual(TABS.map(({ id }) => id));
    expect(run(duringAnIncident(SIZE), press("S-tab")).state.view.tab).toBe(TABS.at(-1)!.id);
  });

  test("Esc goes back to the sessions, and the list is as it was", () => {
    const before = run(duringAnIncident(SIZE), press("j", "j", "space")).state;
    const { state } = run(before, press("2", "j", "escape"));
    expect(state.view).toMatchObject({ tab: "sessions", cursor: before.view.cursor, tagged: before.view.tagged });
  });

  test("a digit leaves any page", () => {
    expect(run(duringAnIncident(SIZE), press("?", "3")).state.view).toMatchObject({ tab: "holders", page: "sessions" });
  });

  test("the line of tabs says how many wait", () => {
    expect(shown(duringAnIncident(SIZE))).toContain("─[1 Sessions]─ 2 Blocking 9 ─ 3 Holders ─ 4 Vacuum ─");
    expect(shown(run(duringAnIncident(SIZE), press("2")).state)).toContain("─ 1 Sessions ─[2 Blocking 9]─");
  });

  test("of hidden sessions, too, the locks say that they wait, and not since when", () => {
    const root = aBackend({ pid: 10, state: "idle in transaction", xactAge: 90, stateAge: 90 });
    const pids = Array.from({ length: 12 }, (_, i) => 20 + i);
    const hidden = pids.map((pid) => ({ ...aHiddenBackend({ pid }), blockedBy: [10] }));
    const sample = aSample({ backends: [root, ...hidden], queues: [aQueue(pids, { sinceSeconds: [] })] });
    for (const keys of [["2"], ["2", "x"], ["v"]]) {
      const text = shown(run(aState(SIZE), seen(sample), press(...keys)).state);
      expect(text).toMatch(/Blocking 12|12 sessions/);
      expect(text).not.toMatch(/(?:longest|lasted|for) (?:for )?0ms/);
    }
  });

  test("before the first sample a tab is empty, and nothing that acts does anything", () => {
    for (const { key } of TABS) {
      const { state, effects } = run(
        aState(SIZE),
        press(key, "enter", "c", "x", "y", "left", "right", "G", "z", "n", "v"),
      );
      expect(effects.filter(({ kind }) => kind !== "watch")).toEqual([]);
      expect(state.dialog).toBeNull();
    }
  });
});

describe("what is selected in a tab", () => {
  const HOLDER = aBackend({ pid: 10, state: "idle in transaction", xactAge: 90, stateAge: 90, backendXid: 7 });
  const WAITERS = [aWaiter(20, [10]), aWaiter(30, [10, 20]), aWaiter(40, [20])];

  test("stays selected from sample to sample, wherever it is now", () => {
    const start = run(aState(SIZE), listed(HOLDER, ...WAITERS), press("2", "j", "j")).state;
    const pid = pidOfTab(start);
    const { state } = run(
      start,
      seen(aSample({ secondsLater: 1, backends: [aBackend({ pid: 5 }), HOLDER, ...WAITERS] })),
    );
    expect(pidOfTab(state)).toBe(pid);
  });

  test("when it has gone, whoever took its place is", () => {
    const start = run(aState(SIZE), listed(HOLDER, ...WAITERS), press("2", "G")).state;
    const { state } = run(start, seen(aSample({ secondsLater: 1, backends: [HOLDER, WAITERS[0]!] })));
    expect(pidOfTab(state)).toBe(20);
  });

  test("is what a key that acts is about, and tags of the list are not", () => {
    const start = run(aState(SIZE), listed(HOLDER, ...WAITERS, aBackend({ pid: 50 })), press("a", "2", "g")).state;
    expect(start.view.tagged.size).toBe(5);
    const { state } = run(start, press("x"));
    expect(state.dialog?.targets.map(({ pid }) => pid)).toEqual([10]);
  });

  test("on the page of one session that one is meant, whatever is tagged on the list behind it", () => {
    const start = run(aState(SIZE), listed(HOLDER, ...WAITERS, aBackend({ pid: 50 })), press("a", "g", "enter")).state;
    expect(run(start, press("x")).state.dialog?.targets).toHaveLength(1);
    expect(run(start, press("escape", "x")).state.dialog?.targets.length).toBeGreaterThan(1);
  });

  test("has the page of Enter, and Esc leads back to the tab", () => {
    const { state } = run(aState(SIZE), listed(HOLDER, ...WAITERS), press("2", "g", "enter"));
    expect(state.view.page).toBe("detail");
    expect(selectedRow(state)?.backend.pid).toBe(10);
    expect(run(state, press("escape")).state.view).toMatchObject({ page: "sessions", tab: "blocking" });
  });

  test("keeps its page when it waits no longer, and keys that act are about it and nobody else", () => {
    const start = run(aState(SIZE), listed(HOLDER, ...WAITERS), press("2", "G", "enter")).state;
    const { backend } = selectedRow(start)!;
    const free = aBackend({ pid: backend.pid, key: backend.key, backendStart: backend.backendStart, state: "active" });
    const rest = WAITERS.filter(({ pid }) => pid !== backend.pid);
    const later = run(start, seen(aSample({ secondsLater: 1, backends: [HOLDER, free, ...rest] }))).state;
    expect(shown(later)).toContain(`Backend ${backend.pid}`);
    expect(run(later, press("x")).state.dialog?.targets.map(({ pid }) => pid)).toEqual([backend.pid]);
    const back = run(later, press("escape")).state;
    expect(tabRows(back)).toContain(selectedTabRow(back));

    const ended = run(start, seen(aSample({ secondsLater: 1, backends: [HOLDER, ...rest] }))).state;
    expect(shown(ended)).toContain("it has ended");
    expect(run(ended, press("x")).state).toMatchObject({
      dialog: null,
      notice: { text: "no session is selected: nothing to terminate" },
    });
    expect(run(ended, press("v", "escape")).state.view.page).toBe("detail");
    expect(selectedRow(run(ended, press("v", "escape")).state)).toBeNull();
  });

  test("is what is marked once its page is closed, though on a screen without pages", () => {
    const start = run(
      aState(SIZE),
      listed(HOLDER, ...WAITERS),
      press("2", "G", "enter"),
      resized(19, 5),
      press("v"),
    ).state;
    const left = seen(aSample({ secondsLater: 1, backends: [HOLDER, ...WAITERS.slice(0, 1), aBackend({ pid: 40 })] }));
    const { state } = run(start, resized(120, 40), left);
    expect(state.view.page).toBe("sessions");
    expect(selectedRow(state)?.backend.pid).toBe(pidOfTab(state));
  });

  test("is in sight when a pause is over", () => {
    const many = Array.from({ length: 200 }, (_, i) =>
      aBackend({ pid: 100 + i, state: "idle in transaction", xactAge: 90, backendXid: 7 }),
    );
    const paused = run(aState(SIZE), listed(...many), press("4", "G", "p")).state;
    const few = seen(aSample({ secondsLater: 1, backends: many.slice(0, 3) }));
    const { state } = run(paused, few, press("p"));
    const pid = pidOfTab(state)!;
    expect(shown(state)).toMatch(new RegExp(`^>\\s*${pid} `, "m"));
  });

  test("a group of holders is no session: nothing is asked about it", () => {
    const { state } = run(aState(SIZE), listed(HOLDER, ...WAITERS), press("3", "x"));
    expect(state.dialog).toBeNull();
    expect(state.notice?.text).toContain("no session is selected");
  });

  test("Enter on a group lists its sessions and no others, the idle ones among them", () => {
    const others = [aBackend({ pid: 60, application: "web-2" }), aBackend({ pid: 61, application: "web" })];
    const start = run(aState(SIZE), listed(...others, aBackend({ pid: 62, application: "" })), press("i", "3")).state;
    for (const row of tabRows(start)) {
      const at = tabRows(start).indexOf(row);
      const { state } = run(start, press("g", ...Array.from({ length: at }, () => "j"), "enter"));
      expect(state.view).toMatchObject({ tab: "sessions", showIdle: true });
      const apps = new Set(
        state
          .live!.sample.backends.filter(
            (b) => state.view.filter.kind === "ok" && state.view.filter.matches(b, state.live!.sample),
          )
          .map((b) => b.application),
      );
      expect(apps.size, state.view.filter.text).toBe(1);
    }
  });
});

describe("a click", () => {
  const click = (column: number, row: number) => ({ kind: "mouse", action: "click", column, row, at: 0 }) as const;

  test("on the line of tabs opens the tab", () => {
    const start = run(duringAnIncident(SIZE), press("m")).state;
    const y = shown(start)
      .split("\n")
      .findIndex((line) => line.includes("[1 Sessions]"));
    const x = shown(start).split("\n")[y]!.indexOf("3 Holders");
    expect(run(start, click(x, y)).state.view.tab).toBe("holders");
  });

  test("on a row selects it, and once more opens it", () => {
    const start = run(duringAnIncident(SIZE), press("m", "2")).state;
    const y = shown(start)
      .split("\n")
      .findIndex((line) => line.includes("30518"));
    const once = run(start, click(10, y)).state;
    expect(pidOfTab(once)).toBe(30_518);
    expect(once.view.page).toBe("sessions");
    expect(run(once, click(10, y)).state.view.page).toBe("detail");
  });
});

test.each([
  [40, 10],
  [60, 12],
  [80, 24],
  [120, 40],
  [200, 60],
])("every tab fills the screen at %ix%i, and no line is longer", (width, height) => {
  for (const { key } of TABS) {
    const lines = shown(run(duringAnIncident({ width, height }), press(key)).state)
      .split("\n")
      .slice(0, -1);
    expect(lines).toHaveLength(height);
    for (const one of lines) expect(one.length).toBeLessThanOrEqual(width);
  }
});

test.each([
  [10, 2],
  [20, 6],
  [39, 3],
  [39, 5],
  [100, 6],
  [40, 8],
])("at %ix%i the row that is marked is the one that keys are about", (width, height) => {
  for (const key of ["2", "4"]) {
    const { state } = run(duringAnIncident({ width, height }), press(key, "j", "j"));
    const marked = shown(state)
      .split("\n")
      .filter((one) => one.startsWith(">"));
    expect(marked).toHaveLength(1);
    const pid = pidOfTab(state);
    if (pid !== null) expect(marked[0]).toContain(String(pid).slice(0, Math.max(1, width - 8)));
    expect(tabRows(state).indexOf(selectedTabRow(state)!)).toBe(2);
  }
});
