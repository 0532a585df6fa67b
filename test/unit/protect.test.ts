import { describe, expect, test } from "vitest";
import { parseProtect, protects } from "../../src/state/protect.ts";
import { standing } from "../../src/state/standing.ts";
import { aBackend, aHiddenBackend, aSample, aServer } from "./builders.ts";

function isProtected(expression: string, given: Parameters<typeof aBackend>[0]): boolean {
  const protect = parseProtect(expression);
  if (protect.kind === "wrong") throw new Error(protect.reason);
  return protect.filters.some((filter) => filter.kind === "ok" && filter.matches(aBackend(given), aSample()));
}

function reason(expression: string): string | null {
  const protect = parseProtect(expression);
  return protect.kind === "wrong" ? protect.reason : null;
}

const ETL = { user: "etl", application: "loader", database: "shop" };
const BACKUP = { user: "postgres", application: "pgbackrest", database: "billing" };

describe("a session is protected", () => {
  test.each([
    ["user:etl", ETL, true],
    ["user:etl", BACKUP, false],
    ["USER:ETL", ETL, true],
    ["user:etl, app:pgbackrest", BACKUP, true],
    ["user:etl,app:pgbackrest", ETL, true],
    ["app:pgbackrest db:billing", BACKUP, true],
    ["app:pgbackrest db:billing", { ...BACKUP, database: "shop" }, false],
    ["user:etl, app:pgbackrest db:billing", ETL, true],
    ["!db:shop", ETL, false],
    ["!db:shop", BACKUP, true],
    ['app:"a, b"', { ...ETL, application: "a, b" }, true],
    ['app:"a, b"', { ...ETL, application: "a" }, false],
    ['app:"say ""hi"", please",user:etl', { ...BACKUP, application: 'say "hi", please' }, true],
    ['app:"say ""hi"", please",user:etl', ETL, true],
    ["user:=etl", ETL, true],
    ["user:=et", ETL, false],
    [`user:=${"n".repeat(63)}`, { ...ETL, user: "n".repeat(63) }, true],
    ["app:[web]", { ...ETL, application: "web" }, false],
    ["", ETL, false],
    ["  ", ETL, false],
  ])("by %s: %o, %s", (expression, given, expected) => {
    expect(isProtected(expression, given)).toBe(expected);
  });

  test("perhaps, where the application is asked for and nobody tells it without SQL", () => {
    const server = aServer({ lane: "host" });
    const sample = aSample({ server });
    const is = (expression: string, given: Parameters<typeof aBackend>[0]): unknown => {
      const protect = parseProtect(expression);
      return protect.kind === "ok" && protects(protect.filters[0]!, aBackend({ application: null, ...given }), sample);
    };
    expect(is("app:loader", { user: "etl" })).toBe("perhaps");
    expect(is("app:loader db:shop", { database: "shop" })).toBe("perhaps");
    expect(is("app:loader db:shop", { database: "billing" })).toBe(false);
    expect(is("user:etl", { user: "web" })).toBe(false);
    expect(is("user:etl", { user: "etl" })).toBe(true);
    // Nobody's session yet: a flood of these is ended together.
    expect(is("app:loader", { backendType: "half-open", user: null })).toBe(false);
    const protect = parseProtect("app:loader");
    const backend = aBackend({ application: null });
    expect(standing(backend, "terminate", sample, protect.kind === "ok" ? protect.filters : [])).toMatchObject({
      kind: "protected",
      protection: { why: expect.stringMatching(/--protect app:loader: whose application it is, is not told/) },
    });
  });

  test("by what every role may see: its own details may be hidden", () => {
    const protect = parseProtect("user:etl db:shop");
    const hidden = aHiddenBackend({ user: "etl", database: "shop" });
    expect(protect.kind === "ok" && protect.filters[0]).toMatchObject({ kind: "ok", text: "user:etl db:shop" });
    expect(isProtected("user:etl db:shop", hidden)).toBe(true);
  });
});

describe("what does not say who is protected is refused with the words that are wrong", () => {
  test.each([
    ["etl", 'not "etl"'],
    ["user: etl", 'not "user:", "etl"'],
    ["state:idle, user:etl >30s", 'not "state:idle", ">30s"'],
    ["usr:etl", 'not "usr:etl"'],
    ['"user:etl"', 'not ""user:etl""'],
    ["!etl, user:x", 'not "!etl"'],
    ["query:drop", 'not "query:drop"'],
    ["pid:30412", 'not "pid:30412"'],
    ["app:etl*", "app:etl* would protect nobody"],
    ["user:x, app:^etl", "app:^etl would protect nobody"],
    ["app:etl|foo", "would protect nobody"],
    ["user:app;db:x", "would protect nobody"],
    ["app:etl$", "would protect nobody"],
    ["app:café", "would protect nobody"],
    [`app:${"x".repeat(64)}`, "would protect nobody"],
    ["user:a,,db:b", "has a comma with nothing"],
    [",user:a", "has a comma with nothing"],
    ["user:a, ", "has a comma with nothing"],
    ['app:"a, user:b', 'has a " that is not closed'],
    ['app:""", user:b', 'has a " that is not closed'],
  ])("%s", (expression, words) => {
    expect(reason(expression)).toContain(words);
  });

  test("and with what is allowed", () => {
    expect(reason("etl")).toBe(
      `takes user:, db: and app: with a value, as in 'user:etl, app:pgbackrest db:billing', not "etl"`,
    );
  });
});
