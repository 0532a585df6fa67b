import { describe, expect, test } from "vitest";
import { redact } from "../../src/connection/redact.ts";

describe("a sentence loses the passwords in it", () => {
  test.each([
    [
      "in a URI",
      "connecting to postgres://app:hunter2@db1/shop failed",
      "connecting to postgres://app:***@db1/shop failed",
    ],
    ["in a postgresql:// one", "postgresql://app:hunter2@db1", "postgresql://app:***@db1"],
    ["without a user", "postgres://:hunter2@db1", "postgres://:***@db1"],
    ["with colons and slashes in it", "postgres://app:hun/ter:2?@db1", "postgres://app:***@db1"],
    ["with an @ in it that is not encoded", "postgres://app:hun@ter2@db1/shop", "postgres://app:***@db1/shop"],
    ["several of them", "postgres://a:x@h1 postgres://b:y@h2", "postgres://a:***@h1 postgres://b:***@h2"],
    ["as an option", "postgres://db1?user=a&password=hunter2&port=1", "postgres://db1?user=a&password=***&port=1"],
    ["in a key=value string", "host=db1 password=hunter2 port=1", "host=db1 password=*** port=1"],
    ["with blanks around the sign", "password = hunter2", "password = ***"],
    ["in quotes", "password='hun ter\\'2' port=1", "password=*** port=1"],
    ["in capitals", "PASSWORD=hunter2", "PASSWORD=***"],
  ])("%s", (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

test.each(["password authentication failed for user app", "postgres://app@db1:5432/shop", "mail a:b@c", ""])(
  "%j stays as it is",
  (text) => {
    expect(redact(text)).toBe(text);
  },
);
