import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BIN } from "./pgtriage.ts";

// The Tab key of a real bash. zsh is tried where there is one; its script is checked for its parts everywhere.

let directory: string;
let env: Record<string, string>;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-tab-"));
  symlinkSync(BIN, path.join(directory, "pgtriage"));
  const config = path.join(directory, "config.json");
  writeFileSync(config, '{ "connections": { "prod": "postgres://db1", "staging": "postgres://db2" } }');
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PG|SHELLOPTS|BASH)/.test(name));
  const PATH = [directory, path.dirname(process.execPath), process.env["PATH"] ?? ""].join(":");
  env = { ...(Object.fromEntries(inherited) as Record<string, string>), PGTRIAGE_CONFIG: config, PATH };
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What bash would offer with the cursor at the end of these words. */
function completed(...words: string[]): string[] {
  const script = `source <(pgtriage completion bash)
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgtriage; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", "pgtriage", ...words], {
    env,
    encoding: "utf8",
    cwd: directory,
  });
  // compopt complains outside of a real Tab, where nobody listens.
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

test.each<[string[], string[]]>([
  [[""], ["demo", "snapshot", "check", "completion", "prod", "staging"]],
  [["s"], ["snapshot", "staging"]],
  [
    ["snapshot", ""],
    ["prod", "staging"],
  ],
  [["--th"], ["--theme"]],
  [["--sort", "xa"], ["xact"]],
  [["--sort", "=", "xm"], ["xmin"]],
  [
    ["--columns", "pid,que"],
    ["pid,query-age", "pid,query"],
  ],
  [["demo", "--scenario", "st"], ["storm"]],
  [["snapshot", "--format", "j"], ["json"]],
  [
    ["completion", ""],
    ["bash", "zsh"],
  ],
  [["--log", "conf"], ["config.json"]],
  [["--config", "=", "conf"], ["config.json"]],
  [["--interval", ""], []],
])("bash: pgtriage %j is completed to %j", (words, expected) => {
  expect(completed(...words)).toEqual(expected);
});

test("bash: the function is bound to the command", () => {
  const bound = execFileSync("bash", ["--norc", "-c", "source <(pgtriage completion bash); complete -p pgtriage"], {
    env,
    encoding: "utf8",
  });
  expect(bound).toBe("complete -F _pgtriage pgtriage\n");
});

test("zsh: the script has what zsh wants, and passes its own syntax check where there is a zsh", () => {
  const script = execFileSync(process.execPath, [BIN, "completion", "zsh"], { env, encoding: "utf8" });
  expect(script).toMatch(/^#compdef pgtriage\n/);
  expect(script).toContain("compdef _pgtriage pgtriage");
  expect(script).toContain("--get-yargs-completions");
  const { error, status, stderr } = spawnSync("zsh", ["-n"], { env, input: script, encoding: "utf8" });
  if (error === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("another shell is told which there are", () => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, "completion", "fish"], { env, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("for bash or for zsh");
});
