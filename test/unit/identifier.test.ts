import { describe, expect, test } from "vitest";
import { clean } from "../../src/text/clean.ts";
import { identifier } from "../../src/text/identifier.ts";

describe("a name as SQL wants it", () => {
  test.each([
    ["app", "app"],
    ["Web App", '"Web App"'],
    ['a"; DROP ROLE b; --', '"a""; DROP ROLE b; --"'],
    ["größe", '"größe"'],
    ["web\\1", '"web\\1"'],
  ])("%s", (name, sql) => {
    expect(identifier(name)).toBe(sql);
  });

  test.each(["all", "user", "current_user", "session_user", "none", "select"])(
    "%s is quoted: without quotes it is another role, or none",
    (name) => {
      expect(identifier(name)).toBe(`"${name}"`);
    },
  );

  test.each([
    ["a\nb", 'U&"a\\000ab"'],
    ["a\u202eb\\", 'U&"a\\202eb\\\\"'],
    ['tab\t"', 'U&"tab\\0009"""'],
    ["\u{1f600}", 'U&"\\+01f600"'],
  ])("what cannot be seen in %j is written in escapes, so that what is shown is what it says", (name, sql) => {
    expect(identifier(name)).toBe(sql);
    expect(clean(identifier(name))).toBe(sql);
  });
});
