import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { queryOffset } from "../../src/state/query-scroll.ts";
import type { State } from "../../src/state/state.ts";
import { skip, textWidth } from "../../src/text/width.ts";
import { aBackend, aState, listed, press, resized, run, shown } from "./builders.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const titles = (state: State): string =>
  shown(state)
    .split("\n")
    .find((line) => line.includes("PID"))!;
const row = (state: State, pid: number): string =>
  shown(state)
    .split("\n")
    .find((line) => line.includes(` ${pid} `))!;
/** As a list of QUERY alone, beside the pid: sixty cells, of which the query has 53. */
const scrolled = (query: string, ...keys: readonly string[]): State =>
  run(aState({ width: 60, height: 12, columns: ["pid", "query"] }), listed(aBackend({ pid: 7, query })), press(...keys))
    .state;

test("the title says how far the texts are scrolled", () => {
  expect(titles(scrolled(LETTERS))).toMatch(/QUERY$/);
  expect(titles(scrolled(LETTERS, "right"))).toMatch(/QUERY \+8$/);
  expect(row(scrolled(LETTERS, "right"), 7)).toContain("ijklm");
});

describe("it ends", () => {
  test("where the longest visible text ends", () => {
    const state = scrolled(LETTERS, "right", "right", "right", "right");
    expect(row(state, 7)).toMatch(/XYZ$/);
    expect(queryOffset(state)).toBe(LETTERS.length - 53);
  });

  test("and goes back from there at once", () => {
    expect(queryOffset(scrolled(LETTERS, "right", "right", "right", "left"))).toBe(LETTERS.length - 53 - 8);
    expect(queryOffset(scrolled(LETTERS, "right", "right", "left", "left", "left"))).toBe(0);
  });

  test("right away, where every text is whole already", () => {
    expect(titles(scrolled("SELECT 1", "right"))).toMatch(/QUERY$/);
  });

  test("earlier when the long one has left the screen", () => {
    const state = scrolled(LETTERS, "right");
    const { state: after } = run(state, listed(aBackend({ pid: 7, query: "COMMIT" })));
    expect(row(after, 7)).toContain("COMMIT");
    expect(titles(after)).toMatch(/QUERY$/);
  });

  test("later on a narrower screen", () => {
    const { state } = run(scrolled(LETTERS, "right", "right"), resized(40, 12), press("right"));
    expect(queryOffset(state)).toBe(17);
  });
});

test("a wide character is never cut in two: a blank stands for its right half", () => {
  const state = scrolled(`${"漢".repeat(40)}!`, "right");
  expect(row(state, 7)).toContain(`7 ${"漢".repeat(26)}`);
  const odd = scrolled(`a${"漢".repeat(40)}!`, "right");
  expect(row(odd, 7)).toContain(`7  ${"漢".repeat(26)}`);
});

test("where no query is shown, the keys do nothing", () => {
  const { state } = run(aState({ columns: ["pid", "user"] }), listed(aBackend({ query: LETTERS })), press("right"));
  expect(state.view.queryLeft).toBe(0);
});

test("a text without its first cells is so many cells shorter", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", "字", "\u{20000}", " ") });
  fc.assert(
    fc.property(text, fc.nat(30), (all, cells) => {
      expect(textWidth(skip(all, cells))).toBe(Math.max(0, textWidth(all) - cells));
    }),
  );
});
