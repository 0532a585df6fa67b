import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dashboardOptions, flags, roads } from "../../src/commands/options.ts";
import { commandLine } from "../../src/settings/command-line.ts";
import { said, type Said } from "../../src/settings/settings.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-settings-"));
  mkdirSync(path.join(directory, "pgtriage"));
  file = path.join(directory, "pgtriage", "config.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(config: unknown, mode = 0o600): void {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  chmodSync(file, mode);
}

function all(args: readonly string[], env: Readonly<Record<string, string>> = {}): Said {
  return said(commandLine(args), { XDG_CONFIG_HOME: directory, ...env });
}

function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  try {
    all(args, env);
  } catch (error) {
    return (error as Error).message;
  }
  return "no refusal";
}

describe("what is said in several places", () => {
  test("flags win over the environment, that over the named connection, that over the rest of the file", () => {
    write({
      interval: 10,
      warn: 50,
      crit: 60,
      idle: false,
      connections: { prod: { conninfo: "postgres://db", interval: 20, warn: 55, crit: 65 } },
    });
    const env = { PGTRIAGE_INTERVAL: "30", PGTRIAGE_WARN: "56" };
    expect(all(["prod", "-i", "40"], env).settings).toEqual({ interval: 40, warn: 56, crit: 65, idle: false });
    expect(all(["shop"]).settings).toEqual({ interval: 10, warn: 50, crit: 60, idle: false });
  });

  test("without a file, variables and flags there is nothing, and nothing is missed", () => {
    expect(all([])).toEqual({ settings: {}, named: undefined, words: [], insistsOnColor: false, warning: null });
    expect(said(commandLine([]), { XDG_CONFIG_HOME: "relative", HOME: directory }).settings).toEqual({});
  });
});

describe("a connection with a name", () => {
  const to = (args: readonly string[]) => roads(flags(all(args)), {}).to;
  const prod = { hosts: [{ host: "db1", port: 5432 }], user: "monitor", database: "shop" };

  test("is where to connect, and the word after it a role; flags win over what it says", () => {
    write({ connections: { prod: "postgres://monitor@db1/shop" } });
    expect(to(["prod"])).toMatchObject(prod);
    expect(to(["prod", "dba", "-p", "1"])).toMatchObject({ ...prod, user: "dba", hosts: [{ host: "db1", port: 1 }] });
    expect(to(["prod", "-d", "other", "-h", "db2"])).toMatchObject({ database: "other", hosts: [{ host: "db2" }] });
  });

  test("may be in any of the ways to say where", () => {
    write({ connections: { pairs: "host=db1 user=monitor dbname=shop", bare: { conninfo: "shop" } } });
    expect(to(["pairs"])).toMatchObject(prod);
    expect(to(["bare"])).toMatchObject({ database: "shop" });
  });

  test("any other word is a database or a URI, as for psql", () => {
    write({ connections: { prod: "postgres://db1" } });
    expect(to(["production", "dba"])).toMatchObject({ database: "production", user: "dba" });
    expect(to(["-d", "shop", "dba"])).toMatchObject({ database: "shop", user: "dba" });
  });

  test("a word too many is said, not passed over", () => {
    write({ connections: { prod: "postgres://db1" } });
    for (const line of [
      ["-d", "shop", "dba", "more"],
      ["prod", "-d", "shop", "dba", "more"],
    ]) {
      expect(() => to(line), line.join(" ")).toThrow(/last word|more on the line/);
    }
  });

  test("-W and -w say when to ask for a password", () => {
    expect(flags(all(["-W"])).prompt).toBe("always");
    expect(flags(all(["-w"])).prompt).toBe("never");
    expect(flags(all([])).prompt).toBe("when-asked");
  });
});

describe("a variable", () => {
  test.each<[Record<string, string>, object]>([
    [
      { PGTRIAGE_INTERVAL: "0.5", PGTRIAGE_HISTORY_MEMORY: "1MB" },
      { interval: 0.5, "history-memory": 2 ** 20 },
    ],
    [{ PGTRIAGE_NO_COLOR: "1" }, { color: false }],
    [{ PGTRIAGE_COLOR: "0" }, { color: false }],
    [
      { PGTRIAGE_NO_IDLE: "no", PGTRIAGE_ASCII: "Yes" },
      { idle: true, ascii: true },
    ],
    [
      { PGTRIAGE_COLUMNS: "pid,query", PGTRIAGE_THEME: "light" },
      { columns: ["pid", "query"], theme: "light" },
    ],
    [{ PGTRIAGE_INTERVAL: "" }, {}],
    [{ PGTRIAGE_READ_ONLY: "1" }, { "read-only": true }],
    [{ PGTRIAGE_PROTECT: "user:etl" }, { protect: [expect.objectContaining({ text: "user:etl" })] }],
  ])("%j", (env, settings) => {
    expect(all([], env).settings).toEqual(settings);
  });

  test.each<[Record<string, string>, string]>([
    [{ PGTRIAGE_HOST: "db1" }, "unknown variable PGTRIAGE_HOST: where to connect is said by libpq's own, PGHOST"],
    [{ PGTRIAGE_INTERVALL: "1" }, "unknown variable PGTRIAGE_INTERVALL: did you mean PGTRIAGE_INTERVAL?"],
    [{ PGTRIAGE_INTERVAL: "soon" }, 'PGTRIAGE_INTERVAL is a number of seconds from 0.1 to 300, not "soon"'],
    [{ PGTRIAGE_ASCII: "perhaps" }, "PGTRIAGE_ASCII is 1 or 0, true or false"],
    [{ PGTRIAGE_HOST: "db1" }, "unknown variable PGTRIAGE_HOST"],
    [{ PGTRIAGE_THEME: "lihgt" }, 'did you mean "light"?'],
  ])("that makes no sense is named: %j", (env, sentence) => {
    expect(refusal([], env)).toContain(sentence);
  });

  test("colours that are insisted on are more than a NO_COLOR in the environment; the file is less", () => {
    expect(all(["--color"]).insistsOnColor).toBe(true);
    expect(all([], { PGTRIAGE_COLOR: "1" }).insistsOnColor).toBe(true);
    expect(all(["--no-color"], { PGTRIAGE_COLOR: "1" }).insistsOnColor).toBe(false);
    write({ color: true });
    expect(all([]).insistsOnColor).toBe(false);
  });
});

describe("a value that makes no sense is named by its flag", () => {
  test.each<[string[], string]>([
    [["-i", "0.05"], '--interval is a number of seconds from 0.1 to 300, not "0.05"'],
    [["--warn", "0"], "--warn is a percentage above 0 and up to 100"],
    [["--history", "long"], '--history is a length of time such as 30m, not "long"'],
    [["--history-memory", "0MB"], "--history-memory is a size such as 64MB"],
    [["--sort", "-xakt"], '--sort has no column "xakt": did you mean "xact"?'],
    [["--columns", "pid,nothing"], '--columns has no column "nothing"; the columns are pid db user'],
    [["--protect", "etl, user:x"], "--protect takes user:, db: and app: with a value"],
    [["--protect", 'app:"a'], '--protect has a " that is not closed'],
    [["--filter", "colour:red"], '--filter is no filter: no field "colour"'],
    [["snapshot", "--format", "xml"], "--format is one of text, json"],
    [
      ["demo", "--scenario", "lokcs"],
      '--scenario is one of mixed, lockout, calm, leak, locks, storm, pools, slow, vacuum, not "lokcs": did you mean "locks"?',
    ],
  ])("%j", (args, sentence) => {
    expect(refusal(args)).toContain(sentence);
  });
});

describe("who must not be ended by mistake", () => {
  const protectedBy = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    dashboardOptions(flags(all(args, env)), 2).protect.map(({ text }) => text);

  test("is said in the file as a text or a list of them, each with its own alternatives", () => {
    write({ protect: "user:etl, db:billing" });
    expect(protectedBy([])).toEqual(["user:etl", "db:billing"]);
    write({ protect: ["user:etl", "app:pgbackrest db:billing, app:barman", ""] });
    expect(protectedBy([])).toEqual(["user:etl", "app:pgbackrest db:billing", "app:barman"]);
  });

  test("is said by a flag, for the demo as well, and an empty one takes back what the file says", () => {
    write({ protect: ["user:etl"], "read-only": true });
    expect(protectedBy(["--protect", "db:shop"])).toEqual(["db:shop"]);
    expect(protectedBy(["demo", "--protect", "db:shop"])).toEqual(["db:shop"]);
    expect(protectedBy(["--protect", ""])).toEqual([]);
    expect(protectedBy([])).toEqual(["user:etl"]);
  });
});

test("a dashboard that only reads is asked for by a flag, a variable, the file or one connection of it", () => {
  const readOnly = (args: readonly string[], env = {}) => dashboardOptions(flags(all(args, env)), 2).readOnly;
  expect(readOnly([])).toBe(false);
  expect(readOnly(["demo", "--read-only"])).toBe(true);
  expect(readOnly([], { PGTRIAGE_READ_ONLY: "yes" })).toBe(true);
  write({ connections: { prod: { conninfo: "postgres://db1", "read-only": true } } });
  expect(readOnly(["prod"])).toBe(true);
  expect(readOnly(["other"])).toBe(false);
  expect(readOnly(["prod", "--no-read-only"])).toBe(false);
});

describe("the config file", () => {
  test("that was named must exist, the usual one need not", () => {
    const missing = path.join(directory, "none.json");
    expect(refusal(["--config", missing])).toBe(`the config file ${missing} cannot be read: there is no such file`);
    expect(refusal([], { PGTRIAGE_CONFIG: directory })).toBe(
      `the config file ${directory} cannot be read: it is a directory`,
    );
    write({ warn: 70 });
    expect(all(["--config", file], { XDG_CONFIG_HOME: "/nowhere", PGTRIAGE_CONFIG: missing }).settings).toEqual({
      config: file,
      warn: 70,
    });
  });

  test("is found in ~/.config where XDG_CONFIG_HOME does not say otherwise", () => {
    mkdirSync(path.join(directory, ".config", "pgtriage"), { recursive: true });
    writeFileSync(path.join(directory, ".config", "pgtriage", "config.json"), '{ "ascii": true }');
    expect(said(commandLine([]), { HOME: directory }).settings).toEqual({ ascii: true });
  });

  test("takes a list of columns as a list or as text, comments, and files beside it or at home", () => {
    write('{ // ours\n "columns": ["pid", "query"], "log": "~/triage.log" }');
    const { settings } = all([], { HOME: "/home/dba" });
    expect(settings).toEqual({ columns: ["pid", "query"], log: "/home/dba/triage.log" });
    write({ columns: "pid,state", log: "triage.log" });
    expect(all([]).settings).toEqual({ columns: ["pid", "state"], log: path.join(path.dirname(file), "triage.log") });
  });

  test.each<[unknown, string]>([
    [{ intervall: 1 }, 'unknown key "intervall" in FILE: did you mean "interval"?'],
    [{ connection: {} }, 'unknown key "connection" in FILE: did you mean "connections"?'],
    [{ "no-idle": true }, 'unknown key "no-idle" in FILE: write "idle": false'],
    [{ interval: "1" }, '"interval" in FILE is a number, not a "text"'],
    [{ interval: 1000 }, '"interval" in FILE is a number of seconds from 0.1 to 300, not "1000"'],
    [{ idle: 0 }, '"idle" in FILE is true or false, not a number'],
    [{ idle: null }, '"idle" in FILE is true or false, not null'],
    [{ columns: [1] }, '"columns" in FILE is a list of "texts", not a list'],
    [{ protect: ["user:a", 'db:"b', 'app:"c'] }, '"protect" in FILE has a " that is not closed'],
    [{ protect: "idle" }, '"protect" in FILE takes user:, db: and app: with a value'],
    [{ protect: [1] }, '"protect" in FILE is a list of "texts", not a list'],
    [{ "read-only": "yes" }, '"read-only" in FILE is true or false, not a "text"'],
    [{ columns: [] }, '"columns" in FILE has no column ""'],
    [{ sort: "nothing" }, '"sort" in FILE has no column "nothing"'],
    [{ host: "db1" }, '"host" does not belong into FILE: "conninfo" of a connection says it'],
    [{ format: "json" }, '"format" does not belong into FILE: it is a flag only'],
    [{ connections: [] }, '"connections" in FILE is an object in { }, not a list'],
    [{ connections: { prod: 1 } }, 'connection "prod" in FILE is a conninfo, or an object in { }, not a number'],
    [{ connections: { prod: { warn: 70 } } }, 'connection "prod" in FILE has no "conninfo"'],
    [
      { connections: { prod: { conninfo: "a", intervall: 1 } } },
      'unknown key "intervall" in connection "prod" in FILE: did you mean "interval"?',
    ],
    [{ connections: { demo: "shop" } }, 'connection "demo" in FILE has the name of a command'],
    [{ connections: { check: "shop" } }, 'connection "check" in FILE has the name of a command'],
    [{ connections: { "postgres://a:s3cret@b": "prod" } }, "the name of a connection in FILE is made of letters"],
    [[], "FILE is an object in { }, not a list"],
    ['{\n "warn": 70\n "crit": 95 }', "FILE is no JSON: line 3, column 2: a , or } is missing"],
  ])("that is wrong is named with the key: %j", (config, sentence) => {
    write(config);
    expect(refusal([])).toContain(sentence.replaceAll("FILE", file));
    expect(refusal([])).not.toContain("s3cret");
  });

  test.each([
    [0o644, "postgres://monitor:s3cret@db1/shop", true],
    [0o640, "host=db1 password=s3cret", true],
    [0o604, "postgres://db1/shop?user=me&password=s3cret", true],
    [0o600, "postgres://monitor:s3cret@db1/shop", false],
    [0o644, "postgres://monitor@db1/shop", false],
  ])("mode %o with %s: a password that others can read is worth a warning", (mode, conninfo, warned) => {
    write({ connections: { prod: conninfo } }, mode);
    const { warning } = all([]);
    if (warned) expect(warning).toBe(`others can read the passwords in ${file}: chmod 600 keeps them yours`);
    else expect(warning).toBeNull();
  });
});
