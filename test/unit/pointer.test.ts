import { describe, expect, test } from "vitest";
import type { Message } from "../../src/state/message.ts";
import { placement } from "../../src/state/placement.ts";
import { aState, backends, listed, NOW, pidSelected, press, run, shown, type } from "./builders.ts";

const HUNDRED = listed(...backends(100));
const BY_PID = { sort: { column: "pid", descending: false }, mouse: true } as const;
/** At 80x24: title, gauge, slots in words, verdict, two lines of states, tabs; then the titles, then the rows. */
const TITLES = 7;
const FIRST_ROW = 8;
const LAST_ROW = 20;

const mouse = (action: "click" | "wheel-up" | "wheel-down", column: number, row: number): Message => ({
  ...{ kind: "mouse", action, column, row, at: NOW },
});
const click = (column: number, row: number): Message => mouse("click", column, row);
const after = (...messages: Parameters<typeof run> extends [unknown, ...infer M] ? M : never) =>
  run(aState(BY_PID), HUNDRED, press("g"), ...messages).state;

describe("a click on a row", () => {
  test("puts the cursor there, wherever in the row", () => {
    expect(pidSelected(after(click(0, FIRST_ROW + 3)))).toBe(1003);
    expect(pidSelected(after(click(79, LAST_ROW)))).toBe(1012);
  });

  test("and once more opens its page", () => {
    const state = after(click(5, FIRST_ROW + 3), click(40, FIRST_ROW + 3));
    expect([pidSelected(state), state.view.page]).toEqual([1003, "detail"]);
  });

  test("of the list as it is scrolled", () => {
    expect(pidSelected(after(press("G"), click(5, FIRST_ROW)))).toBe(1087);
  });

  test("where the cursor went by itself selects and does not open", () => {
    const { state } = run(aState(BY_PID), HUNDRED, click(5, FIRST_ROW));
    expect([state.view.chosen, state.view.page]).toEqual([true, "sessions"]);
  });

  test("below the last session does nothing", () => {
    const { state } = run(aState(BY_PID), listed(...backends(3)), press("g"));
    expect(run(state, click(5, FIRST_ROW + 3)).state).toEqual(state);
  });

  test("ends following another one", () => {
    expect(after(press("f"), click(5, FIRST_ROW + 2)).view.follow).toBeNull();
  });
});

describe("a click on a title", () => {
  const { list } = placement(after());
  test.each(list.map(({ column, left, cells }) => [column.title, column.id, left + Math.trunc(cells / 2)] as const))(
    "%s sorts by it",
    (_, id, x) => {
      const { sort } = after(press(id === "pid" ? ">" : "g"), click(x, TITLES)).view;
      expect(sort.column).toBe(id);
    },
  );

  test("again turns the order round", () => {
    const x = list.find(({ column }) => column.id === "xact")!.left + 2;
    expect(after(click(x, TITLES)).view.sort).toEqual({ column: "xact", descending: true });
    expect(after(click(x, TITLES), click(x, TITLES)).view.sort).toEqual({ column: "xact", descending: false });
  });
});

describe("the wheel", () => {
  test("moves the cursor by three rows", () => {
    expect(pidSelected(after(mouse("wheel-down", 3, 3)))).toBe(1003);
    expect(pidSelected(after(mouse("wheel-down", 3, 3), mouse("wheel-down", 3, 3), mouse("wheel-up", 3, 3)))).toBe(
      1003,
    );
  });

  test("scrolls a page, and a click there does nothing", () => {
    const { view } = after(press("?"), mouse("wheel-down", 3, 3), click(3, FIRST_ROW));
    expect([view.page, view.pageTop]).toEqual(["help", 3]);
    expect(after(press("?"), mouse("wheel-up", 3, 3)).view.pageTop).toBe(0);
  });

  test("moves the cursor where columns are chosen", () => {
    expect(after(press("o"), mouse("wheel-down", 3, 3)).view.chooser?.index).toBe(1);
  });
});

test.each([
  ["the gauge", 1],
  ["the tabs", 5],
  ["the status line", 21],
  ["the summary", 22],
  ["the footer", 23],
  ["below the screen", 99],
])("a click on %s does nothing", (_, row) => {
  const before = after();
  expect(run(before, click(3, row)).state).toEqual(before);
});

test("while one types, a click does nothing", () => {
  const before = after(press("/"), type("web"));
  expect(run(before, click(5, FIRST_ROW + 3)).state).toEqual(before);
});

describe("m", () => {
  test("switches it on and off, and says what that means", () => {
    const { state, effects } = run(aState(), HUNDRED, press("m"));
    expect([state.view.mouse, effects]).toEqual([true, [{ kind: "mouse", on: true }]]);
    expect(shown(state)).toContain("mouse on: Shift selects text");
    expect(run(state, press("m")).effects).toEqual([{ kind: "mouse", on: false }]);
  });

  test("off, as it is at the start, no report does anything", () => {
    const { state } = run(aState(), HUNDRED);
    expect(run(state, click(5, FIRST_ROW + 3), mouse("wheel-down", 3, 3)).state).toEqual(state);
  });
});

test("on a screen of one line, nothing that one clicks harms", () => {
  const { state } = run(aState({ width: 20, height: 1, ...BY_PID }), HUNDRED, click(0, 0), mouse("wheel-down", 0, 0));
  expect(pidSelected(state)).not.toBeNull();
});
