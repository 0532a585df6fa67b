import { expect, test } from "vitest";
import * as fc from "fast-check";
import { visibleJson } from "../../src/text/json.ts";

const HOSTILE = [
  "\u001b[2J",
  "\u009b2J",
  "\u009d0;pwned\u009c",
  "\u007f",
  "\u202egpj.exe",
  "\u200b",
  "\u2028",
  "\u2029",
  "\ud83d",
];
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...HOSTILE, "\u00a0", "\ufeff", "\u{e0041}", "\ue000", "\\", '"', "\\u0041", "\\\u009b"),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

test.each([
  ["a control character of one byte", "\u009b2J", '"\\u009b2J"'],
  ["DEL", "\u007f", '"\\u007f"'],
  ["what turns the line round", "\u202ex", '"\\u202ex"'],
  ["line and paragraph separators", "\u2028\u2029", '"\\u2028\\u2029"'],
  ["a tag beyond the basic plane", "\u{e0041}", '"\\udb40\\udc41"'],
  ["half a character", "\ud83d", '"\\ud83d"'],
  ["a backslash before one", "\\\u0085", '"\\\\\\u0085"'],
])("%s stands there as an escape", (_, given, expected) => {
  expect(visibleJson(given)).toBe(expected);
});

test.each(["SELECT 'café'", "データ 漢字", "שלום", "👍", "e\u0301", "{}[]:,"])("%s stands there as it is", (given) => {
  expect(visibleJson(given)).toBe(JSON.stringify(given));
});

test("a script parses the same values out of it, names of fields among them, and a terminal finds nothing to obey", () => {
  fc.assert(
    fc.property(fc.dictionary(text, fc.array(text)), fc.constantFrom(undefined, 2), (value, indent) => {
      const json = visibleJson(value, indent);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(json.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      if (indent === undefined) expect(json).not.toContain("\n");
    }),
    { numRuns: 500 },
  );
});
