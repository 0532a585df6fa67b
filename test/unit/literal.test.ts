import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../src/text/clean.ts";
import { literal } from "../../src/text/literal.ts";

describe("a text as SQL reads it back", () => {
  test.each([
    ["order-4711", "'order-4711'"],
    ["", "''"],
    ["o'clock", "'o''clock'"],
    ["'; drop table t; --", "'''; drop table t; --'"],
    ["$1 :name %s", "'$1 :name %s'"],
    ["größe 漢字", "'größe 漢字'"],
    ["back\\slash", String.raw`E'back\\slash'`],
    ["\\'", String.raw`E'\\'''`],
    ["two\nlines\tand\rmore", String.raw`E'two\nlines\tand\rmore'`],
    ["\u001bbad", String.raw`E'\x1bbad'`],
    ["\u007f\u0001", String.raw`E'\x7f\x01'`],
    ["\u009b2J\u202e", String.raw`E'\u009b2J\u202e'`],
    ["e\u0301", String.raw`E'e\u0301'`],
    ["👍1", String.raw`E'\U0001f44d1'`],
  ])("%j: %s", (text, expected) => {
    expect(literal(text)).toBe(expected);
  });
});

test("whatever the text, the literal is one line that shows what it says, and nothing ends it before its end", () => {
  const texts = fc.string({
    unit: fc.constantFrom("'", "\\", "a", "n", "\n", "\0", "\u001b", "\u202e", "👍", "漢", "0"),
  });
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: "binary" })), (text) => {
      const written = literal(text);
      expect(clean(written)).toBe(written);
      // As SQL reads it: two quotes are one and, in the E form, a backslash takes the next character with it.
      expect(written).toMatch(/^(?:'(?:[^'\\]|'')*'|E'(?:[^'\\]|''|\\.)*')$/u);
    }),
    { numRuns: 500 },
  );
});
