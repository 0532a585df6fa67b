import { expect, test } from "vitest";
import { failedStatement } from "../../src/source/failed-statement.ts";
import type { StatementName } from "../../src/source/statement.ts";

test.each<[string, readonly StatementName[], number, string, StatementName | null]>([
  ["the one after those that have ended", ["clock", "activity", "counters"], 2, "42501", "counters"],
  ["the first", ["clock", "activity"], 0, "42501", "clock"],
  ["the session, which is several statements", ["session", "session", "session", "clock"], 2, "42501", "session"],
  ["unknown where the message cannot be read: it may stand anywhere", ["clock", "activity"], 0, "42601", null],
  [
    "the one after them as well where it makes a text that cannot be read",
    ["clock", "activity"],
    1,
    "42601",
    "activity",
  ],
  ["none where all have ended", ["clock"], 1, "42501", null],
])("the statement that failed is %s", (_, names, ended, code, statement) => {
  expect(failedStatement(names, ended, { code })).toBe(statement);
});
