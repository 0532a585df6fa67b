import { describe, expect, test } from "vitest";
import { staleMs } from "../../src/state/state.ts";
import {
  aBackend,
  aGap,
  aSample,
  aState,
  listed,
  NOW,
  pasted,
  pidsListed,
  press,
  resized,
  run,
  seen,
  tick,
  type,
} from "./builders.ts";

const TWO = listed(aBackend({ pid: 1 }), aBackend({ pid: 2, user: "etl" }));

describe("a gap", () => {
  const { state } = run(aState(), TWO, seen(aGap("the server is gone", 2)), seen(aGap("still gone", 4)));

  test("marks the picture stale, with the reason and since when", () => {
    expect(state.connection).toEqual({ kind: "lost", since: NOW + 2000, reason: "still gone" });
    expect(staleMs(state)).toBe(4000);
  });

  test("leaves the picture as it is", () => {
    expect(pidsListed(state)).toEqual([1, 2]);
  });

  test("is over with the next sample", () => {
    const { state: again } = run(state, seen(aSample({ secondsLater: 6 })));
    expect([again.connection, staleMs(again)]).toEqual([{ kind: "live" }, null]);
  });
});

test.each([
  [5, null],
  [5.001, 5001],
  [60, 60_000],
])("without a word from the server for %d s at an interval of 2 s, the picture is stale: %s", (seconds, ms) => {
  expect(staleMs(run(aState(), TWO, tick(seconds)).state)).toBe(ms);
});

test("before the first sample nothing is stale", () => {
  expect(staleMs(run(aState(), seen(aGap()), tick(60)).state)).toBeNull();
});

describe("quitting", () => {
  test.each([
    ["from the list", ["q"]],
    ["with F10", ["f10"]],
    ["with Ctrl-C", ["C-c"]],
    ["from the help page", ["?", "q"]],
    ["from the help page with Ctrl-C", ["?", "C-c"]],
    ["from the detail page", ["enter", "q"]],
    ["while a filter is typed, with Ctrl-C", ["/", "a", "C-c"]],
    ["while a text to find is typed, with Ctrl-C", ["s", "C-c"]],
    ["with Ctrl-\\", ["C-\\"]],
    ["while a filter is typed, with Ctrl-\\", ["/", "a", "C-\\"]],
  ])("%s", (_, keys) => {
    expect(run(aState(), TWO, press(...keys)).effects.filter(({ kind }) => kind !== "watch")).toEqual([
      { kind: "quit" },
    ]);
  });

  test.each([
    ["from the list", ["C-z"]],
    ["from the help page", ["?", "C-z"]],
    ["while a filter is typed, which stays as it is", ["/", "a", "C-z"]],
  ])("Ctrl-Z suspends %s", (_, keys) => {
    const { state, effects } = run(aState(), TWO, press(...keys));
    expect(effects).toEqual([{ kind: "suspend" }]);
    const before = run(aState(), TWO, press(...keys.slice(0, -1))).state.view;
    expect([state.view.page, state.view.editor]).toEqual([before.page, before.editor]);
  });

  test("works before the server has said anything", () => {
    expect(run(aState(), press("q")).effects).toEqual([{ kind: "quit" }]);
  });

  test("q is a letter while text is typed", () => {
    const { state, effects } = run(aState(), TWO, press("/", "q"));
    expect([state.view.editor?.text, effects]).toEqual(["q", []]);
  });
});

describe("Esc takes one thing back at a time", () => {
  test("first the page, then who is followed, then the filter", () => {
    const all = press("/", ...["e", "t", "l"], "enter", "f", "enter");
    const { state: page } = run(aState(), TWO, all);
    expect(page.view).toMatchObject({ page: "detail", follow: "2@started-2", filter: { text: "etl" } });
    const { state: followed } = run(page, press("escape"));
    expect(followed.view).toMatchObject({ page: "sessions", follow: "2@started-2", filter: { text: "etl" } });
    const { state: filtered } = run(followed, press("escape"));
    expect(filtered.view).toMatchObject({ follow: null, filter: { text: "etl" } });
    expect(run(filtered, press("escape")).state.view.filter.text).toBe("");
  });
});

describe("pasted text never acts", () => {
  test("outside of a text entry it is nothing", () => {
    const { state } = run(aState(), TWO);
    const { state: after, effects } = run(state, pasted("q\u0003xk/?terminate 30412\r"));
    expect([after, effects]).toEqual([state, []]);
  });

  test("within one it is text, on one line, and Enter in it does not end the entry", () => {
    const { state, effects } = run(aState(), TWO, press("/"), pasted("user:etl\r\n\t>30s\u0003\u001b\r"));
    expect([state.view.editor?.text, effects]).toEqual(["user:etl >30s ", []]);
  });
});

describe("the interval", () => {
  test.each([
    [["+"], [5]],
    [["-"], [1]],
    [
      ["=", "+", "+", "+"],
      [5, 10, 30, 60],
    ],
    [
      ["-", "-"],
      [1, 0.5],
    ],
    [
      ["+", "-"],
      [5, 2],
    ],
  ])("%j steps to %j", (keys, steps) => {
    const { state, effects } = run(aState(), press(...keys));
    expect(effects).toEqual(steps.map((seconds) => ({ kind: "interval", seconds })));
    expect(state.interval).toEqual({ wanted: steps.at(-1), actual: steps.at(-1) });
  });

  test("stops at the shortest and the longest step, and says so", () => {
    expect(run(aState(), press("-", "-", "-")).state.notice?.text).toBe("0.5 s is the shortest step");
    expect(run(aState(), press("+", "+", "+", "+", "+")).state.notice?.text).toBe("60 s is the longest step");
  });

  test("that sampling had to widen is told, and what was wanted is kept", () => {
    const { state } = run(aState(), { kind: "interval", actual: 7, at: NOW });
    expect(state.interval).toEqual({ wanted: 2, actual: 7 });
  });
});

describe("a notice", () => {
  test("goes away by itself after five seconds", () => {
    const { state } = run(aState(), TWO, press("n"));
    expect(run(state, tick(4.9)).state.notice).not.toBeNull();
    expect(run(state, tick(5)).state.notice).toBeNull();
  });
});

describe("pages", () => {
  test.each([
    ["help is closed by its own key", ["?", "?"], "sessions"],
    ["by h", ["?", "h"], "sessions"],
    ["by Enter", ["?", "enter"], "sessions"],
    ["detail by Enter", ["enter", "enter"], "sessions"],
    ["detail by Esc", ["enter", "escape"], "sessions"],
    ["help opens over the detail page", ["enter", "?"], "help"],
  ])("%s", (_, keys, page) => {
    expect(run(aState(), TWO, press(...keys)).state.view.page).toBe(page);
  });

  test("scroll with the cursor keys, and no further up than their top", () => {
    const { state } = run(aState(), TWO, press("?", "down", "j", "pagedown", "up"));
    expect(state.view.pageTop).toBe(20);
    expect(run(state, press("g", "up")).state.view.pageTop).toBe(0);
  });
});

test("Ctrl-L draws the screen anew", () => {
  expect(run(aState(), press("C-l")).effects).toEqual([{ kind: "redraw" }]);
});

test("an unbound key does nothing", () => {
  const { state } = run(aState(), TWO);
  expect(run(state, press("Q", "C", "delete", "C-t", "f7")).state).toEqual(state);
});

describe("Esc and a key that a slow line has joined", () => {
  test("are Esc and that key", () => {
    const { state } = run(aState(), TWO, press("?", "M-i"));
    expect(state.view).toMatchObject({ page: "sessions", showIdle: false });
    expect(run(aState(), TWO, press("M-q")).effects).toEqual([{ kind: "quit" }]);
  });

  test("but while one types, Alt is for the text: what it does not know there neither acts nor takes the text away", () => {
    const { state } = run(aState(), TWO, press("/"), type("user:etl >1s"), press("M-b"), type("x"));
    expect(state.view.editor?.text).toBe("user:etl x>1s");
    expect(run(state, press("M-i", "M-q"))).toEqual({ state, effects: [] });
  });
});

test("a smaller screen keeps the cursor in sight", () => {
  const { state } = run(aState({ height: 60 }), TWO, press("G"), resized(80, 10));
  expect(state.view.top).toBeLessThanOrEqual(state.view.cursorIndex);
});

test("time never goes back", () => {
  expect(run(aState(), tick(10), tick(3)).state.now).toBe(NOW + 10_000);
});

describe("the filter, while it is typed", () => {
  test("works at once", () => {
    expect(pidsListed(run(aState(), TWO, press("/"), type("user:etl")).state)).toEqual([2]);
  });

  test("Enter keeps it, Esc takes back what was there before", () => {
    const { state } = run(aState(), TWO, press("/"), type("etl"), press("enter"));
    expect(state.view).toMatchObject({ editor: null, filter: { text: "etl" } });
    const { state: back } = run(state, press("/"), type(" >1d"), press("escape"));
    expect(back.view).toMatchObject({ editor: null, filter: { text: "etl" } });
    expect(pidsListed(back)).toEqual([2]);
  });

  test("half a word that makes no sense yet keeps nobody off", () => {
    const { state } = run(aState(), TWO, press("/"), type("usr:"));
    expect([state.view.filter.kind, pidsListed(state)]).toEqual(["wrong", [1, 2]]);
  });

  test.each(["constructor:x", "toString:a", "((((", "[", "!", '"', ">", "\\"])("typing %s harms nothing", (text) => {
    expect(() => run(aState(), TWO, press("/"), type(text), press("enter"))).not.toThrow();
  });

  test("\\ clears it", () => {
    expect(pidsListed(run(aState(), TWO, press("/"), type("etl"), press("enter", "\\")).state)).toEqual([1, 2]);
  });
});
