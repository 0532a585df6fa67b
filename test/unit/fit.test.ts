import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { fit, wrap } from "../../src/text/fit.ts";
import { clean } from "../../src/text/clean.ts";
import { textWidth } from "../../src/text/width.ts";

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
