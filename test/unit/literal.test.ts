import { expect, test } from "vitest";
import * as fc from "fast-check";
import { clean } from "../../src/text/clean.ts";
import { literal } from "../../src/text/literal.ts";

test.each([
  ["order-4711", "'order-4711'"],
  ["", "''"],
  ["it's", "'it''s'"],
  ["'; DROP TABLE t; --", "'''; DROP TABLE t; --'"],
  ["a\\b", "E'a\\\\b'"],
  ["a\\' b", "E'a\\\\'' b'"],
  ["two\nlines", "E'two\\u000alines'"],
  ["\u001b[2J", "E'\\u001b[2J'"],
  ["\u202eabc", "E'\\u202eabc'"],
  ["👍", "E'\\U0001f44d'"],
  ["漢字", "'漢字'"],
])("%j as a literal is %s", (text, expected) => {
  expect(literal(text)).toBe(expected);
});

test("whatever is in it: a screen shows it as it is, and PostgreSQL reads the same text out of it", () => {
  const piece = fc.constantFrom("'", "\\", "\n", "\u001b", "\u202e", "👍", "e\u0301", "漢", "a", " ", "0");
  const text = fc.oneof(
    fc.array(piece).map((all) => all.join("")),
    fc.string({ unit: "grapheme" }),
  );
  fc.assert(
    fc.property(text, (given) => {
      const shown = literal(given);
      expect(clean(shown)).toBe(shown);
      expect(readBySql(shown)).toBe(given);
    }),
  );
});

/** The scanner's rules for '' and E'' literals. */
function readBySql(shown: string): string {
  const [, escapes, body] = /^(E?)'((?:[^']|'')*)'$/s.exec(shown)!;
  const quotes = body!.replaceAll("''", "'");
  if (escapes === "") return quotes;
  return quotes.replace(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs,
    (_, short?: string, long?: string, char?: string) =>
      char ?? String.fromCodePoint(Number.parseInt(short ?? long!, 16)),
  );
}
