import { expect, test } from "vitest";
import { sentence } from "../../src/sentence.ts";

test.each([
  ["keeps what is plain", '--sort: no column "foo"', '--sort: no column "foo"'],
  ["is one line", "first\nsecond\r\n\tthird", "first second third"],
  ["clears no screen, in one byte or two", "\u001b[2J\u009b2J", "·[2J·2J"],
  ["writes no clipboard and no title", "\u001b]52;c;eA==\u0007\u009d0;pwned\u009c", "·]52;c;eA==··0;pwned·"],
  ["turns nothing round", "a\u202eb", "a·b"],
  ["says no password", "postgres://app:hunter2@db1 failed", "postgres://app:***@db1 failed"],
])("a sentence on standard error %s", (_, given, expected) => {
  expect(sentence(given)).toBe(expected);
});
