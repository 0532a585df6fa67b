import { describe, expect, test } from "vitest";
import { commandLine } from "../../src/settings/command-line.ts";
import { OPTIONS, type Option } from "../../src/settings/option-table.ts";
import { nearest } from "../../src/text/nearest.ts";

const flags = (...args: string[]): Record<string, string> => Object.fromEntries(commandLine(args).flags);
const fault = (...args: string[]): string | null => commandLine(args).fault;

describe("flags are spelled as psql takes them", () => {
  test.each<[string[], Record<string, string>]>([
    [
      ["-h", "db1", "-p", "5433", "-U", "monitor", "-d", "shop"],
      { host: "db1", port: "5433", username: "monitor", dbname: "shop" },
    ],
    [["-hdb1", "-p5433", "-Umonitor", "-dshop"], { host: "db1", port: "5433", username: "monitor", dbname: "shop" }],
    [["--host=db1", "--port", "5433,5434"], { host: "db1", port: "5433,5434" }],
    [["-p", "05433"], { port: "05433" }],
    [["-W"], { password: "true" }],
    [["--password"], { password: "true" }],
    [["-w"], { password: "false" }],
    [["--no-password"], { password: "false" }],
    [["-wUmonitor"], { username: "monitor", password: "false" }],
    [["-h", "db1", "-hdb2", "--host=db3"], { host: "db3" }],
    [["-d", "host=db1 password=a=b"], { dbname: "host=db1 password=a=b" }],
    [["-U", ""], { username: "" }],
  ])("%j", (args, expected) => {
    expect(fault(...args)).toBeNull();
    expect(flags(...args)).toEqual(expected);
  });

  test("a value may look like a flag, as in --sort -pid", () => {
    expect(flags("--sort", "-pid", "-i", "1")).toEqual({ sort: "-pid", interval: "1" });
    expect(flags("--filter", "!state:idle")).toEqual({ filter: "!state:idle" });
    expect(flags("--filter", '"idle in" x')).toEqual({ filter: '"idle in" x' });
  });

  test("a switch is on, off with no-, or what it is set to", () => {
    expect(flags("--ascii", "--no-idle")).toEqual({ ascii: "true", idle: "false" });
    expect(flags("--ascii=yes", "--idle=0")).toEqual({ ascii: "true", idle: "false" });
    expect(flags("--color", "--no-color")).toEqual({ color: "false" });
  });

  test("after -- everything is a word", () => {
    expect(commandLine(["-i", "1", "--", "-x", "--help"])).toMatchObject({ words: ["-x", "--help"], asksFor: null });
  });
});

test("the first word is a command or where to connect, the second a role", () => {
  expect(commandLine([])).toMatchObject({ command: "dashboard", words: [] });
  expect(commandLine(["shop", "monitor"])).toMatchObject({ command: "dashboard", words: ["shop", "monitor"] });
  expect(commandLine(["-i", "1", "snapshot", "shop"])).toMatchObject({ command: "snapshot", words: ["shop"] });
  expect(commandLine(["snapshot", "demo"])).toMatchObject({ command: "snapshot", words: ["demo"], fault: null });
});

test("help and version are given to everybody, whatever else is on the line", () => {
  for (const args of [["--help"], ["-?"], ["--bogus", "-?"], ["-i", "x", "--help"], ["a", "b", "c", "--help"]]) {
    expect(commandLine(args).asksFor, args.join(" ")).toBe("help");
  }
  expect(commandLine(["snapshot", "-?"])).toMatchObject({ asksFor: "help", command: "snapshot" });
  expect(commandLine(["-V"]).asksFor).toBe("version");
});

describe("what is wrong with a line is said in one sentence", () => {
  test.each<[string[], string]>([
    [["--protect", "user:a", "--protect=user:b"], "--protect is there twice: name all in one"],
    [["--intervall", "1"], "unknown option --intervall: did you mean --interval?"],
    [["--hist", "1"], "unknown option --hist"],
    [["--no-idel"], "unknown option --no-idel: did you mean --no-idle?"],
    [["--user=me"], "unknown option --user: did you mean --username?"],
    [["-x"], "unknown option -x"],
    [["--no-interval"], "unknown option --no-interval"],
    [["--port"], "--port needs a value: PORT"],
    [["-U"], "--username needs a value: ROLE"],
    [["-h"], "--host needs a value: HOST; help is --help or -?"],
    [
      ["snapshot", "--interval", "1"],
      "--interval is for the dashboard and pgtriage demo; pgtriage snapshot has no use for it",
    ],
    [["snapshot", "--no-idle"], "--no-idle is for the dashboard and pgtriage demo"],
    [["--format", "json"], "--format is for pgtriage snapshot; the dashboard has no use for it"],
    [
      ["demo", "-h", "db1"],
      "--host is for the dashboard, pgtriage snapshot and pgtriage check; pgtriage demo has no use for it",
    ],
    [["demo", "shop"], "pgtriage demo takes options only"],
    [
      ["host=db1", "user=me", "password=s3cret"],
      "the dashboard takes CONNINFO and ROLE, and there is more on the line: are quotes missing?",
    ],
    [["record"], "pgtriage record is not in this version yet; a database of that name is -d record"],
    [["replay", "shop"], "pgtriage replay is not in this version yet"],
    [["--timeout", "5"], "--timeout is for pgtriage check; the dashboard has no use for it"],
    [["check", "--format", "json"], "--format is for pgtriage snapshot; pgtriage check has no use for it"],
  ])("%j", (args, said) => {
    expect(fault(...args)).toContain(said);
    expect(fault(...args)).not.toContain("s3cret");
  });

  test("a habit that does no harm is none: snapshot --log FILE --no-color", () => {
    expect(fault("snapshot", "--log", "f", "--no-color", "shop")).toBeNull();
    expect(fault("check", "-w", "--no-color", "shop")).toBeNull();
  });

  test("after -d a word is a role, whatever it is called", () => {
    expect(fault("-d", "shop", "record")).toBeNull();
  });
});

test("no two options share a name or a letter, and every default can be written as a value", () => {
  const options: readonly Option[] = OPTIONS;
  const names = options.flatMap(({ name, alias, negative }) =>
    [name, alias, negative?.alias].filter((one) => one !== undefined),
  );
  expect(names).toHaveLength(new Set(names).size);
  for (const { name, value, default: usual } of options) {
    if (usual !== null) expect(() => value.read(usual.split(";")[0]!), name).not.toThrow();
  }
});

test("a slip of the finger finds the word that was meant, a strange word finds none", () => {
  const known = ["interval", "history", "history-memory", "idle", "theme", "ascii"];
  for (const [slip, meant] of [
    ["intreval", "interval"],
    ["nterval", "interval"],
    ["inter", "interval"],
    ["THEME", "theme"],
    ["histroy", "history"],
  ] as const) {
    expect(nearest(slip, known), slip).toBe(meant);
  }
  for (const strange of ["x", "password", "no", ""]) expect(nearest(strange, known), strange).toBeNull();
});
