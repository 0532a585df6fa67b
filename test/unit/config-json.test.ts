import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonFault, parseJson } from "../../src/settings/json.ts";

function faultOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return error.message;
    throw error;
  }
  return "no fault";
}

describe("a fault in the config file is said with its place and what should stand there", () => {
  test.each([
    ["", "line 1, column 1: a value is missing"],
    ["{", 'line 1, column 2: a name in "double quotes" is missing'],
    ['{ "a": 1', "line 1, column 9: the } at the end is missing"],
    ['{\n  "a": 1,\n}', "line 3, column 1: a comma too many before the }"],
    ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: a , or } is missing"],
    ['{ "a" 1 }', "line 1, column 7: a : is missing after the name"],
    ['{ "a": }', "line 1, column 8: a value is missing"],
    ["{ interval: 1 }", 'line 1, column 3: a name in "double quotes" is missing'],
    ["{ 'a': 1 }", 'line 1, column 3: texts stand in "double quotes"'],
    ['{ "a": yes }', "line 1, column 8: a value is missing"],
    ['{ "a": "b }', 'line 1, column 8: this text has no closing "'],
    ['{ "a": [1, ] }', "line 1, column 12: a comma too many before the ]"],
    ['{ "a": 01 }', "line 1, column 8: a value is missing"],
    ["{} {}", "line 1, column 4: there is more after the end"],
    ['{ /* no */ "a": 1 }', "line 1, column 3: comments begin with // here"],
    ['// ours\n{ "a": 1 // one\n "b" }', "line 3, column 2: a , or } is missing"],
  ])("%j", (text, said) => {
    expect(faultOf(text)).toContain(said);
  });

  test("never with a piece of the file, which may hold a password", () => {
    const text = '{ "connections": { "prod": "postgres://me:s3cret@db/shop }';
    expect(faultOf(text)).toContain("line 1, column 28");
    expect(faultOf(text)).not.toContain("s3cret");
  });
});

test("comments from // to the end of the line are no part of it, and // in a text is no comment", () => {
  const text = '// mine\n{ "prod": "postgres://db/shop", // the big one\n "quote": "a \\" // b" }\n// end';
  expect(parseJson(text)).toEqual({ prod: "postgres://db/shop", quote: 'a " // b' });
  expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
});

test("whatever JSON.parse refuses has a place, and whatever it takes is taken", () => {
  const piece = fc.constantFrom(
    ...["{", "}", "[", "]", ":", ",", '"a"', '"', "1", "-", "true", "nul", " ", "\n", "\\", "\u0001", "'"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      let parsed: unknown = JsonFault;
      try {
        parsed = JSON.parse(text);
      } catch {
        const fault = faultOf(text);
        expect(fault).toMatch(/^line \d+, column \d+: /);
        return;
      }
      expect(parseJson(text)).toEqual(parsed);
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});
