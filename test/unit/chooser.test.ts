import { describe, expect, test } from "vitest";
import { placement } from "../../src/state/placement.ts";
import type { State } from "../../src/state/state.ts";
import { aBackend, aState, listed, press, run, shown } from "./builders.ts";

const SESSIONS = listed(aBackend({ pid: 1 }), aBackend({ pid: 2 }));
const AUTOMATIC = ["pid", "user", "app", "state", "xact", "wait", "block", "query"];
const columns = (state: State): string[] => placement(state).list.map((one) => one.column.id);
const after = (...keys: readonly string[]): State => run(aState(), SESSIONS, press("o", ...keys)).state;

test("opens with what the screen shows by itself marked, and says that it is automatic", () => {
  const text = shown(after());
  expect(text).toContain("Automatic: as many as the screen has room for");
  expect(text).toMatch(/> \[x\] +PID .*\n.*\[ \] DB .*\n.*\[x\] USER/);
  expect(columns(after())).toEqual(AUTOMATIC);
});

test("o and F2 open it; o, F2, Enter and Esc close it", () => {
  for (const open of ["o", "f2"])
    for (const close of ["o", "f2", "enter", "escape"])
      expect(run(aState(), SESSIONS, press(open, close)).state.view).toMatchObject({ page: "sessions", chooser: null });
});

describe("Space", () => {
  test("shows a column where it stands in the order", () => {
    expect(columns(after("j", "space"))).toEqual(["pid", "db", ...AUTOMATIC.slice(1)]);
  });

  test("says when there is no room for it", () => {
    const state = after("j", "space", "j", "j", "space", "G", "k", "space");
    expect(shown(state)).toContain("1 column does not fit on a screen of this width");
    expect(shown(state)).toMatch(/WRITE\/S +does not fit/);
  });

  test("hides one", () => {
    expect(columns(after("j", "j", "space"))).toEqual(AUTOMATIC.filter((id) => id !== "user"));
  });

  test("never hides the pid: it is who a row is about", () => {
    expect(columns(after("space"))).toEqual(AUTOMATIC);
    expect(shown(after())).toContain("PID: process id of the backend; = is our own, └ a parallel worker of the");
  });

  test("hides all the others if one insists", () => {
    const rest = Array.from({ length: 16 }, () => ["j", "space"]).flat();
    const all = after(...rest, ...Array.from({ length: 16 }, () => "k"));
    expect(columns(run(after("0"), press("escape")).state)).toEqual(AUTOMATIC);
    expect(all.view.columns).not.toContain("user");
    expect(all.view.columns).toContain("pid");
  });
});

describe("moving a column", () => {
  test.each([["right"], [">"], ["."]])("%s moves it on, and the cursor goes with it", (key) => {
    const state = after("down", "down", key, key);
    expect(columns(state).slice(0, 3)).toEqual(["pid", "app", "user"]);
    expect(state.view.chooser!.order[state.view.chooser!.index]).toBe("user");
  });

  test.each([["left"], ["<"], [","]])("%s moves it back, to the very front if one likes", (key) => {
    expect(columns(after("down", "down", key, key, key))[0]).toBe("user");
  });

  test("keeps its place when the page is opened again", () => {
    expect(columns(run(after("down", "down", "left", "left", "enter"), press("o")).state)[0]).toBe("user");
  });
});

test.each([["0"], ["backspace"]])("%s goes back to automatic", (key) => {
  const state = after("j", "space", "down", "right", key);
  expect([state.view.columns, columns(state)]).toEqual([null, AUTOMATIC]);
});

test("the list has the columns when the page is closed, and its status line says what does not fit", () => {
  const start = aState({ columns: ["pid", "client", "db", "user", "app", "wait", "block", "xmin", "state", "query"] });
  const text = shown(run(start, SESSIONS).state);
  expect(text).toMatch(/PID CLIENT +DB +USER/);
  expect(text).toMatch(/─ \d columns? do(es)? not fit ─/);
});

test("< and > sort by the chosen columns, in their order", () => {
  const start = aState({ columns: ["pid", "wait", "user"], sort: { column: "wait", descending: false } });
  const sorts = [[">"], ["<"], [">", ">"]].map((keys) => run(start, SESSIONS, press(...keys)).state.view.sort.column);
  expect(sorts).toEqual(["user", "pid", "pid"]);
});

test("sorted by a column that is not shown, > begins with the first one, < with the last", () => {
  const start = aState({ columns: ["pid", "wait", "user"] });
  const sorts = [">", "<"].map((key) => run(start, SESSIONS, press(key)).state.view.sort.column);
  expect(sorts).toEqual(["pid", "user"]);
});

test("columns named without the pid: it is there to be moved, and to be sorted by", () => {
  const start = aState({ columns: ["user", "query"] });
  expect(columns(run(start, SESSIONS, press("o", "right", "right")).state)).toEqual(["user", "pid", "query"]);
  expect(run(start, SESSIONS, press("<")).state.view.sort.column).toBe("query");
  expect(run(start, SESSIONS, press(">", ">")).state.view.sort.column).toBe("user");
});

test("keys of the list do nothing on it", () => {
  const before = after("j");
  expect(run(before, press("i", "r", "p", "u", "f", "n", "\\")).state).toEqual(before);
});

test("q quits, ? explains, / is typed under the list", () => {
  expect(run(after(), press("q")).effects).toEqual([{ kind: "quit" }]);
  expect(run(after(), press("?")).state.view.page).toBe("help");
  expect(run(after(), press("/", "a")).state.view).toMatchObject({ page: "sessions", editor: { text: "a" } });
});

test("on a low screen the cursor stays in sight", () => {
  const { state } = run(aState({ height: 10 }), SESSIONS, press("o", "G"));
  expect(shown(state)).toMatch(/> \[x\] QUERY/);
});
