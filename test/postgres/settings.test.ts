import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { pgtriage, SECRET } from "./pgtriage.ts";

// The built program and a config file.

let directory: string;
let file: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-settings-"));
  file = path.join(directory, "config.json");
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => write({ connections: { main: { conninfo: inject("pgUrl"), warn: 0.1, crit: 0.2 } } }));

function write(config: unknown, mode = 0o600): void {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  chmodSync(file, mode);
}

test("a named connection is where a snapshot is taken, by its own thresholds, unless a variable or a flag says otherwise", async () => {
  const level = async (args: string[], env = {}): Promise<string | undefined> => {
    const { code, stdout, stderr } = await pgtriage(["snapshot", "main", "--config", file, ...args], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.split(":")[0];
  };
  expect(await level([])).toBe("CRITICAL");
  expect(await level([], { PGTRIAGE_CRIT: "100" })).toBe("WARN");
  expect(await level(["--warn", "99", "--crit", "100"], { PGTRIAGE_WARN: "98" })).toBe("OK");
});

test("a name that is in no config file is a database", async () => {
  const env = { PGTRIAGE_CONFIG: file, PGHOST: "127.0.0.1", PGPORT: "1" };
  const { code, stderr } = await pgtriage(["snapshot", "other"], env);
  expect(code).toBe(1);
  expect(stderr).toContain("127.0.0.1:1");
});

describe("a config file that is wrong ends everything with exit 2 and one sentence", () => {
  test.each([
    [{ intervall: 1 }, 'unknown key "intervall" in'],
    ['{ "connections": { "main": "postgres://me:s3cret@db" ', "line 1, column 53"],
    [{ connections: { main: `postgres://me:${SECRET}@db:port/shop` } }, "connection URI"],
  ])("%j", async (config, sentence) => {
    write(config);
    const { code, stdout, stderr } = await pgtriage(["snapshot", "main"], { PGTRIAGE_CONFIG: file });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^pgtriage: [^\n]+\nTry pgtriage --help\.\n$/);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain(SECRET);
    expect(stderr).not.toContain("s3cret");
  });

  test("but for who asks for help, the version or a completion", async () => {
    write("{");
    const env = { PGTRIAGE_CONFIG: file, PGTRIAGE_NONSENSE: "1" };
    for (const args of [
      ["--help"],
      ["-?"],
      ["snapshot", "--help"],
      ["--version"],
      ["completion", "bash"],
      ["--get-yargs-completions", ""],
    ]) {
      const { code, stdout, stderr } = await pgtriage(args, env);
      expect({ code, stderr }, args.join(" ")).toEqual({ code: 0, stderr: "" });
      expect(stdout).not.toBe("");
    }
  });
});

test("passwords that others can read are warned of once, and never told", async () => {
  const url = inject("pgUrl").replace("postgres@", `postgres:${SECRET}@`);
  expect(url).toContain(SECRET);
  write({ connections: { main: url } }, 0o644);
  const { code, stderr, stdout } = await pgtriage(["snapshot", "main", "--config", file]);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `pgtriage: others can read the passwords in ${file}: chmod 600 keeps them yours\n`,
  });
  expect(stdout).not.toContain(SECRET);
});

test("snapshot --log keeps the whole story of a failure", async () => {
  const log = path.join(directory, "snapshot.log");
  expect((await pgtriage(["snapshot", "postgres://127.0.0.1:1/shop", "--log", log, "--no-color"])).code).toBe(1);
  expect(readFileSync(log, "utf8")).toContain("ECONNREFUSED");
});

test("help, version and completion load neither the driver nor the widgets", async () => {
  for (const args of [["--help"], ["--version"], ["--get-yargs-completions", "--s"]]) {
    const coverage = mkdtempSync(path.join(directory, "loaded-"));
    await pgtriage(args, { NODE_V8_COVERAGE: coverage });
    const loaded = readdirSync(coverage)
      .map((name) => readFileSync(path.join(coverage, name), "utf8"))
      .join("");
    expect(loaded, args.join(" ")).toContain("/dist/bundle/cli.js");
    expect(loaded, args.join(" ")).not.toMatch(/node_modules\/(pg|blessed)/);
  }
});
