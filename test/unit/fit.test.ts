import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { fit, wrap } from "../../src/text/fit.ts";
import { clean } from "../../src/text/clean.ts";
import { cut, textWidth } from "../../src/text/width.ts";

const anything = fc.string({ unit: "binary" });

describe("a text in a cell of the list", () => {
  test.each([
    ["is filled up on the right", fit("ab", 4), "ab  "],
    ["or on the left", fit("ab", 4, "right"), "  ab"],
    ["is cut", fit("abcdef", 4), "abcd"],
    ["is cut with an ellipsis where one is asked for", fit("abcdef", 4, "left", "…"), "abc…"],
    ["gets no ellipsis when it fits", fit("abcd", 4, "left", "…"), "abcd"],
    ["is cut between wide characters and filled up", fit("漢字", 3), "漢 "],
    ["is cleaned", fit("\u001b[2J", 4), "·[2J"],
    ["is nothing in no cells", fit("ab", 0), ""],
    ["is nothing in fewer", fit("ab", -3), ""],
  ])("%s", (_, given, expected) => {
    expect(given).toBe(expected);
  });

  test("is the beginning of all of it cleaned, however much of it cannot be seen", () => {
    const piece = fc.constantFrom(
      "\u0301".repeat(30),
      "e\u0301",
      " \n\t",
      "\ud83d",
      "\ude00",
      "\u{20000}",
      "漢",
      "a",
      "\u202e",
    );
    const text = fc.array(fc.oneof(piece, anything), { maxLength: 60 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (given, cells) => {
        const whole = cut(clean(given), cells);
        expect(fit(given, cells)).toBe(whole + " ".repeat(cells - textWidth(whole)));
      }),
      { numRuns: 500 },
    );
  });

  test("takes exactly its cells, whatever it is", () => {
    fc.assert(
      fc.property(
        anything,
        fc.nat(40),
        fc.constantFrom("left", "right"),
        fc.constantFrom("", "…"),
        (text, cells, align, dots) => {
          expect(textWidth(fit(text, cells, align, dots))).toBe(cells);
        },
      ),
    );
  });
});

describe("a long line is wrapped", () => {
  test.each([
    ["at the last blank near the end", "SELECT name FROM orders", 12, ["SELECT name", "FROM orders"]],
    ["in the middle of a word where no blank is near", "as abcdefghijklm", 10, ["as abcdefg", "hijklm"]],
    ["between wide characters", "漢字漢字", 5, ["漢字", "漢字"]],
    ["not at all when it fits", "SELECT 1", 8, ["SELECT 1"]],
    ["and an empty one stays a line", "", 8, [""]],
  ])("%s", (_, text, cells, expected) => {
    expect(wrap([text], cells)).toEqual(expected);
  });

  test("no piece is wider than the cells, and no character but blanks gets lost", () => {
    const cleaned = anything.map(clean);
    fc.assert(
      fc.property(fc.array(cleaned, { maxLength: 4 }), fc.integer({ min: 2, max: 30 }), (lines, cells) => {
        const pieces = wrap(lines, cells);
        for (const piece of pieces) expect(textWidth(piece)).toBeLessThanOrEqual(cells);
        expect(pieces.join("").replace(/\s/g, "")).toBe(lines.join("").replace(/\s/g, ""));
      }),
    );
  });
});
