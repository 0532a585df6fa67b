import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { candidates, FILES } from "../../src/settings/completion.ts";
import { COLUMNS } from "../../src/state/columns.ts";
import { THEMES } from "../../src/ui/theme.ts";

const directory = mkdtempSync(path.join(tmpdir(), "pgtriage-completion-"));
const file = path.join(directory, "mine.json");
writeFileSync(file, '{ "connections": { "prod": "postgres://db1", "prod-eu": "postgres://db2" } }');
afterAll(() => rmSync(directory, { recursive: true }));

const NO_FILE = { XDG_CONFIG_HOME: directory };
const offered = (...words: string[]): string[] =>
  candidates(words, { ...NO_FILE, PGTRIAGE_CONFIG: file })
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0]!);

test("the first word is a command or a connection of the config file", () => {
  expect(offered("")).toEqual(["demo", "snapshot", "check", "completion", "prod", "prod-eu"]);
  expect(offered("s")).toEqual(["snapshot"]);
  expect(offered("snapshot", "p")).toEqual(["prod", "prod-eu"]);
  expect(offered("-i", "1", "prod")).toEqual(["prod", "prod-eu"]);
  expect(offered("prod", "")).toEqual([]);
  expect(offered("demo", "")).toEqual([]);
  expect(offered("completion", "")).toEqual(["bash", "zsh"]);
});

test("connections come from the file that is on the line, and from none that is wrong", () => {
  const names = (words: string[]): string => candidates(words, NO_FILE);
  expect(names(["--config", file, "prod-"])).toContain("prod-eu");
  expect(names([`--config=${file}`, "prod-"])).toContain("prod-eu");
  writeFileSync(path.join(directory, "wrong.json"), "{");
  expect(names(["--config", path.join(directory, "wrong.json"), "p"])).toBe("");
});

test("flags are those of the command, each once", () => {
  expect(offered("--s")).toEqual(["--sort"]);
  expect(offered("demo", "--s")).toEqual(["--sort", "--scenario"]);
  expect(offered("snapshot", "--f")).toEqual(["--format"]);
  expect(offered("--no")).toEqual(["--no-password", "--no-idle", "--no-color"]);
  expect(offered("--sort", "pid", "--so")).toEqual([]);
});

test("values are offered behind a space, behind a = and behind a letter", () => {
  expect(offered("--theme", "")).toEqual([...THEMES]);
  expect(offered("--theme=")).toEqual([...THEMES]);
  expect(offered("--theme", "=")).toEqual([...THEMES]);
  expect(offered("--theme", "=", "l")).toEqual(["light"]);
  expect(offered("--sort", "")).toEqual(COLUMNS.map(({ id }) => id));
  expect(offered("--sort", "-xa")).toEqual(["-xact"]);
  expect(offered("--columns", "pid,us")).toEqual(["pid,user"]);
  expect(offered("--columns", "pid,p")).toEqual([]);
  expect(offered("demo", "--scenario", "l")).toEqual(["lockout", "leak", "locks"]);
  expect(offered("snapshot", "--format", "")).toEqual(["text", "json"]);
  expect(offered("--log", "/tmp/x")).toEqual([FILES]);
  expect(offered("-i", "")).toEqual([]);
});
