import { describe, expect, test } from "vitest";
import { detailLines } from "../../src/panels/detail.ts";
import { settled } from "../../src/panels/screen.ts";
import { aBackend, aHiddenBackend, aState, listed, press, resized, run, shown } from "./builders.ts";

const two = listed(aBackend({ pid: 1 }), aBackend({ pid: 2, state: "active" }));

describe("a key on a page", () => {
  test.each(["i", "r", ">", "space", "p", "down"])("%s changes nothing behind the help", (key) => {
    const before = run(aState(), two, press("?")).state;
    const { view, frozen } = run(before, press(key)).state;
    expect({ ...view, pageTop: 0, chosen: false }).toEqual({ ...before.view, chosen: false });
    expect(frozen).toBeNull();
  });

  test.each(["i", "r", ">", "space"])("%s changes nothing behind one session's page", (key) => {
    const before = run(aState(), two, press("enter")).state;
    expect(run(before, press(key)).state.view).toEqual(before.view);
  });

  test("Esc goes from the help back to where it was opened", () => {
    expect(run(aState(), two, press("enter", "?", "escape")).state.view.page).toBe("detail");
    expect(run(aState(), two, press("enter", "?", "escape", "escape")).state.view.page).toBe("sessions");
    expect(run(aState(), two, press("?", "escape")).state.view.page).toBe("sessions");
  });
});

test.each(["end", "G"])("%s goes to the last line of a long query, and one key up from there is one line up", (key) => {
  const query = `SELECT ${"x, ".repeat(30_000)} 'the end'`;
  const { state } = run(aState(), listed(aBackend({ pid: 1, query })), press("enter", key));
  const atEnd = settled(state);
  expect(shown(atEnd)).toContain("'the end'");
  expect(shown(run(atEnd, press("g")).state)).toContain("SELECT x");
  expect(settled(run(atEnd, press("up")).state).view.pageTop).toBe(atEnd.view.pageTop - 1);
});

test("while one pages through it, a long query is not laid out anew", () => {
  const { state } = run(aState(), listed(aBackend({ pid: 1, query: "x ".repeat(50_000) })), press("enter"));
  expect(detailLines(run(state, press("pagedown")).state).at(-1)).toBe(detailLines(state).at(-1));
});

describe("on a screen too small for pages", () => {
  const tiny = aState({ width: 20, height: 3 });

  test.each(["enter", "?", "o"])("%s opens none, and the cursor keys stay with the list", (key) => {
    const { state } = run(tiny, two, press("g", key, "j"));
    expect([state.view.page, state.view.cursorIndex]).toEqual(["sessions", 1]);
  });

  test("one that was open gives way to the list with the first key", () => {
    const { state } = run(aState(), two, press("g", "?"), resized(20, 3), press("j"));
    expect(state.view.cursorIndex).toBe(1);
  });
});

test("what a key has to say is said on the page where it was pressed", () => {
  expect(shown(run(aState(), two, press("?", "m")).state)).toContain("mouse on: Shift selects text");
});

test("one line says that it is paused", () => {
  expect(shown(run(aState({ width: 30, height: 1 }), two, press("p")).state)).toContain("PAUSED");
});

test("whom a hidden session waits for is not known, which is not nobody", () => {
  const { state } = run(aState(), listed(aHiddenBackend({ pid: 7 })), press("enter"));
  expect(shown(state)).toContain("whom it waits for is hidden from our role");
  expect(shown(state)).not.toContain("nobody");
});

test("a state that there is not is said to be none", () => {
  const { state } = run(aState(), two, press("/", "s", "t", "a", "t", "e", ":", "x"));
  expect(state.view.filter).toMatchObject({ kind: "wrong", reason: expect.stringContaining('no state "x"') as string });
});
