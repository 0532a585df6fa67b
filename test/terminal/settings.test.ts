import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { BIN, live, pidsListed } from "./dashboard.ts";
import { Terminal } from "./terminal.ts";

// What the config file, variables and flags say, seen on the dashboard.

let directory: string;
let terminal: Terminal | null = null;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-settings-"));
  const main = { conninfo: inject("pgUrl"), interval: 0.5, sort: "-pid", filter: "state:active" };
  writeFileSync(path.join(directory, "config.json"), JSON.stringify({ interval: 7, connections: { main } }), {
    mode: 0o600,
  });
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  terminal?.close();
  terminal = null;
});

function started(args: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  terminal = new Terminal(process.execPath, [BIN, ...args], {
    columns: 120,
    rows: 40,
    env: { PGTRIAGE_CONFIG: path.join(directory, "config.json"), ...env },
  });
  return terminal;
}

function colours(of: Terminal): number {
  const cells = of.lines().flatMap((line, y) => [...line].map((_, x) => of.cell(x, y)));
  return cells.filter(({ fg, bg }) => fg !== null || bg !== null).length;
}

test("a connection by its name, with its interval, order and filter", async () => {
  const opened = started(["main"]);
  await live(opened);
  await opened.waitFor(/every 0\.5 ?s/);
  await opened.waitFor(/state:active/);
  await opened.waitFor(/PID▼/);
});

test("a flag is stronger than the named connection, its settings stronger than the rest of the file", async () => {
  const opened = started(["main", "--interval", "3", "--filter", "", "--sort", "pid"]);
  await live(opened);
  await opened.waitFor(/every 3(\.0)? ?s/);
  await opened.waitFor(/PID▲/);
  expect(pidsListed(opened)).toEqual([...pidsListed(opened)].sort((a, b) => a - b));
});

test.each([
  [{ PGTRIAGE_NO_COLOR: "1" }, [], false],
  [{ PGTRIAGE_COLOR: "no" }, [], false],
  [{ NO_COLOR: "1" }, [], false],
  [{ NO_COLOR: "1" }, ["--color"], true],
  [{ PGTRIAGE_NO_COLOR: "1" }, ["--color"], true],
  [{}, ["--no-color"], false],
  [{}, [], true],
] as const)("with %j and %j colours are %s", async (env, flags, coloured) => {
  const opened = started(["main", ...flags], env);
  await live(opened);
  expect(colours(opened) > 0).toBe(coloured);
});
