import { describe, expect, test } from "vitest";
import { NO_FILTER, parseFilter } from "../../src/state/filter.ts";
import { aBackend, aHiddenBackend, aSample, aWaiter } from "./builders.ts";

const SESSION = aBackend({
  pid: 30_412,
  user: "App",
  database: "shop",
  application: "web-7",
  clientAddress: "10.0.3.17",
  state: "idle in transaction",
  waitEventType: "Client",
  waitEvent: "ClientRead",
  connectedAge: 2340,
  xactAge: 843,
  queryAge: 840,
  stateAge: 840,
  query: "UPDATE accounts SET balance = balance - 10 WHERE id = 42",
});

function matches(text: string, backend = SESSION): boolean {
  const filter = parseFilter(text);
  if (filter.kind === "wrong") throw new Error(filter.reason);
  return filter.matches(backend, aSample());
}

describe("a field holds its word", () => {
  test.each([
    ["pid:30412", true],
    ["pid:304", false],
    ["user:app", true],
    ["USER:APP", true],
    ["user:etl", false],
    ["db:sho", true],
    ["app:WEB", true],
    ["client:10.0.3", true],
    ["state:transaction", true],
    ['state:"idle in transaction"', true],
    ["state:active", false],
    ["wait:clientread", true],
    ["wait:client:", true],
    ["type:client", true],
    ["type:walsender", false],
    ["query:accounts", true],
    ["query:a:b", false],
    ["app:", false],
  ])("%s: %s", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test.each([
    ['user:"odd ""name"""', 'odd "name"', true],
    ['user:""""', 'a"b', true],
    ['user:""', 'a"b', false],
    ['user:""', "", true],
    ['user:a""b', "ab", true],
    ['!user:"odd ""name"""', 'odd "name"', false],
    ['user:"a:b c"', "a:b c", true],
    ["user:-dash", "-dash", true],
    ["user:100%", "100%", true],
    ['user:"new line"', "new\nline", true],
    ['user:"new\nline"', "new\nline", true],
    ["user:cafe", "cafe\u0301", true],
    ["user:cafe\u0301", "cafe\u0301", true],
    ["user:·[2J", "\u001b[2J", true],
  ])("%j finds the role %j: %s", (text, user, expected) => {
    expect(matches(text, aBackend({ user }))).toBe(expected);
  });

  test("a query of several lines is looked through as it is shown, and as it is", () => {
    const query = "SELECT *\n\tFROM orders\n WHERE id = 42";
    for (const text of ['"orders where"', 'query:"* from"', "orders\\s+where", "orders\\n"]) {
      expect(matches(text, aBackend({ query })), text).toBe(true);
    }
    expect(matches('"orders  where"', aBackend({ query }))).toBe(false);
  });

  test("state:idle means idle, and not the states that begin with that word", () => {
    expect(matches("state:idle")).toBe(false);
    expect(matches("state:Idle", aBackend({ state: "idle" }))).toBe(true);
  });

  test.each(["state:itx", "state:ITX"])("%s means both idle in transaction states", (text) => {
    expect(matches(text)).toBe(true);
    expect(matches(text, aBackend({ state: "idle in transaction (aborted)" }))).toBe(true);
    expect(matches(text, aBackend({ state: "idle" }))).toBe(false);
  });

  test("wait:lock means waiting for a lock, and not an LWLock", () => {
    expect(matches("wait:Lock", aWaiter(1, [2]))).toBe(true);
    expect(matches("wait:lock", aBackend({ waitEventType: "LWLock", waitEvent: "LockManager" }))).toBe(false);
  });

  test("a field without a word asks for an empty one", () => {
    expect(matches("app:", aBackend({ application: "" }))).toBe(true);
  });

  test.each([
    ["app:=web-7", "web-7", true],
    ["app:=WEB-7", "web-7", false],
    ["APP:=web-7", "web-7", true],
    ["app:=web", "web-7", false],
    ["!app:=web", "web-7", true],
    ["app:==web", "=web", true],
    ['app:="a ""b"" c"', 'a "b" c', true],
    ['app:"=web"', "a=web-7", true],
    ["app:=", "", true],
    ["app:=", null, false],
    ["app:", null, true],
    ["app: !app:=", null, true],
    ["app: !app:=", "", false],
    ["app:=a·b", "a\u0007b", false],
  ])("%s after an equals sign means all of the name: of %j, %s", (text, application, expected) => {
    expect(matches(text, aBackend({ application }))).toBe(expected);
  });

  test("state:=idle is exact as well, and no state has to be known", () => {
    expect(matches("state:=idle", aBackend({ state: "idle" }))).toBe(true);
    expect(matches("state:=idle")).toBe(false);
    expect(matches("state:=pondering", aBackend({ state: "pondering" }))).toBe(true);
  });

  test("a statement is the id of the query, or the first line of its text", () => {
    const query = "\n SELECT *\n  FROM orders";
    expect(matches("statement:=4711", aBackend({ query, queryId: "4711" }))).toBe(true);
    expect(matches('statement:="SELECT *"', aBackend({ query }))).toBe(true);
    expect(matches("statement:orders", aBackend({ query }))).toBe(false);
  });

  test("type:holder means client backends and hidden rows that may be one", () => {
    expect(matches("type:holder")).toBe(true);
    expect(matches("type:holder", aHiddenBackend())).toBe(true);
    expect(matches("type:holder", aBackend({ backendType: "walsender" }))).toBe(false);
    expect(matches("type:holder", aHiddenBackend({ database: null }))).toBe(false);
  });

  test("a Unix socket's client is local", () => {
    expect(matches("client:local", aBackend({ clientAddress: null, clientPort: -1 }))).toBe(true);
  });

  test("hidden sessions have the state and the type hidden", () => {
    expect(matches("state:hidden type:hidden", aHiddenBackend())).toBe(true);
  });
});

describe("an age", () => {
  test.each([
    [">14m", true],
    [">15m", false],
    ["<15m", true],
    [">=843", false],
    ["xact>842s", true],
    ["xact<842s", false],
    ["query>13m30s", true],
    ["state>1h", false],
    ["conn<1h", true],
    ["CONN>30m", true],
  ])("%s: %s", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test("bare, looks at the transaction or the state, whichever is older", () => {
    expect(matches(">1h", aBackend({ xactAge: null, stateAge: 7200 }))).toBe(true);
    expect(matches(">1h", aBackend({ xactAge: 7200, stateAge: 1 }))).toBe(true);
  });

  test("that is not known is neither more nor less", () => {
    const hidden = aHiddenBackend();
    expect([matches(">0s", hidden), matches("<99d", hidden)]).toEqual([false, false]);
  });
});

describe("words", () => {
  test.each([
    ["a bare word is looked for everywhere, whatever its case", "WEB-7", true],
    ["in the query as well", "balance", true],
    ["in the pid", "3041", true],
    ["as a regular expression", "^update.*42$", true],
    ["a broken regular expression is taken as it stands", "accounts(", false],
    ["all of them must hold", "web-7 balance", true],
    ["one that does not is enough", "web-7 etl", false],
    ["an exclamation mark turns one round", "!etl", true],
    ["fields too", "!user:app", false],
    ["ages too", "!xact>1h", true],
    ["blanks within quotes part nothing", '"balance = balance"', true],
    ["an open quote reaches to the end", 'state:"idle in', true],
    ["blanks around mean nothing", "   web-7   ", true],
  ])("%s: %s", (_, text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test("a broken regular expression finds its own characters", () => {
    expect(matches("count(*", aBackend({ query: "SELECT count(*) FROM t" }))).toBe(true);
  });

  test("nothing typed matches everything", () => {
    expect(matches("")).toBe(true);
    expect(NO_FILTER.kind === "ok" && NO_FILTER.matches(SESSION, aSample())).toBe(true);
  });
});

describe("what makes no sense is an error that says so, never an empty list", () => {
  test.each([
    ["usr:app", 'no field "usr": pid user db app client state wait type query statement'],
    [">soon", 'no length of time: "soon" (try 30s, 5m, 1h30m)'],
    ["xact>", 'no length of time: "" (try 30s, 5m, 1h30m)'],
    ["user:app !age:5", 'no field "age": pid user db app client state wait type query statement'],
    ["constructor:x", 'no field "constructor": pid user db app client state wait type query statement'],
  ])("%s", (text, reason) => {
    expect(parseFilter(text)).toEqual({ kind: "wrong", text, reason });
  });
});
