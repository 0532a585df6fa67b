import { describe, expect, test } from "vitest";
import { bind, fileFor, statement, statementFiles, type StatementName } from "../../src/source/statement.ts";

describe("a server gets the newest form that it has", () => {
  test.each<[StatementName, number, string]>([
    ["activity", 10, "activity.sql"],
    ["activity", 12, "activity.sql"],
    ["activity", 13, "activity.pg13.sql"],
    ["activity", 14, "activity.pg14.sql"],
    ["activity", 18, "activity.pg14.sql"],
    ["activity", 25, "activity.pg14.sql"],
    ["server", 10, "server.sql"],
    ["server", 18, "server.sql"],
  ])("%s on PostgreSQL %i: %s", (name, major, file) => {
    expect(fileFor(name, major)).toBe(file);
  });

  test("a name without a file is a fault that says so", () => {
    expect(() => fileFor("locks" as StatementName, 18)).toThrow('no SQL file for "locks" on PostgreSQL 18');
  });
});

describe("each statement", () => {
  test.each(statementFiles())("%s travels without its comments, and without a semicolon at its end", (file) => {
    expect(file).toMatch(/^[a-z]+(-[a-z]+)*(\.pg\d\d)?\.sql$/);
    const major = Number(/pg(\d+)/.exec(file)?.[1] ?? 10);
    const text = statement(file.split(".")[0] as StatementName, major);
    expect(text).not.toMatch(/^\s*--/m);
    expect(text).not.toMatch(/;\s*$/);
    expect(text.length).toBeGreaterThan(20);
  });

  test("has no $ but those of its parameters", () => {
    for (const file of statementFiles()) {
      const text = statement(file.split(".")[0] as StatementName, 18);
      expect(text.replaceAll(/\$\d/g, "")).not.toContain("$");
    }
  });
});

describe("values are written out as literals", () => {
  test.each([
    ["a number", [42], "select 42"],
    ["a fraction", [0.5], "select 0.5"],
    ["null", [null], "select null"],
    ["what is no number", [Number.NaN], "select null"],
    ["what is no finite number", [Infinity], "select null"],
    ["a text", ["shop"], "select E'shop'"],
    ["an empty text", [""], "select E''"],
    ["a quote", ["O'Brien"], "select E'O''Brien'"],
    ["a backslash", ["a\\b"], "select E'a\\\\b'"],
    ["an attempt to get out", ["\\'; drop table t; --"], "select E'\\\\''; drop table t; --'"],
    ["a text that looks like a parameter", ["$1 $2"], "select E'$1 $2'"],
    ["a text that looks like a replacement", ["$& $' $`"], "select E'$& $'' $`'"],
  ])("%s", (_, values, expected) => {
    expect(bind("select $1", values).replace(/ +/g, " ")).toBe(expected);
  });

  test("by number, each as often as it stands there", () => {
    expect(bind("$2 $1 $2 $10", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBe("2 1 2 10");
  });

  test("what looks like a parameter within a value is not one", () => {
    expect(bind("$1,$2", ['{"a":"$2 $1"}', "$1"])).toBe(` E'{"a":"$2 $1"}', E'$1'`);
  });

  test("fewer values than parameters are a fault, never a statement", () => {
    expect(() => bind("select $1, $2", [1])).toThrow("more parameters than values");
  });
});
