import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { BIN, live } from "./dashboard.ts";
import { Terminal } from "./terminal.ts";

let temporary: string;
let terminal: Terminal;

beforeEach(() => {
  // Everything it makes is in here, so that everything it leaves is found.
  temporary = mkdtempSync("/tmp/pgtriage-test-");
  chmodSync(temporary, 0o777);
  terminal = new Terminal(process.execPath, [BIN, "demo"], { columns: 120, rows: 40, env: { TMPDIR: temporary } });
});
afterEach(() => {
  terminal.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** Live, with the sessions of the incident; the postmaster's pid. */
async function playing(): Promise<number> {
  await live(terminal);
  await terminal.waitFor(/role app +\d\d/, 30_000);
  const place = serverPlace();
  if (place === null) throw new Error(`no server under ${temporary}`);
  return Number(readFileSync(path.join(place, "data", "postmaster.pid"), "utf8").split("\n")[0]);
}

function serverPlace(): string | null {
  const name = readdirSync(temporary).find((entry) =>
    existsSync(path.join(temporary, entry, "data", "postmaster.pid")),
  );
  return name === undefined ? null : path.join(temporary, name);
}

async function nothingLeft(postmaster: number): Promise<void> {
  await eventually(
    "the server gone",
    () => alive(postmaster),
    (is) => !is,
    { withinMs: 10_000 },
  );
  await eventually(
    "its directory gone",
    () => serverPlace(),
    (place) => place === null,
    { withinMs: 10_000 },
  );
}

test("a real server with an incident on it, watched by a role that sees all; after q nothing of it is left", async () => {
  const postmaster = await playing();
  expect(alive(postmaster)).toBe(true);
  expect(terminal.lines()[0]).toMatch(/pgtriage local:\d+\/shop as monitor +PG 18\.\d+ primary/);
  await terminal.waitFor(/blk \d+/, 20_000);
  terminal.press("q");
  expect(await terminal.waitExit(6_000)).toEqual({ code: 0, signal: 0 });
  const { alternate, cursorVisible, bracketedPaste } = terminal;
  expect({ alternate, cursorVisible, bracketedPaste }).toEqual({
    ...{ alternate: false, cursorVisible: true, bracketedPaste: false },
  });
  // It waits for its server to end: no grace needed.
  expect(alive(postmaster)).toBe(false);
  expect(serverPlace()).toBeNull();
});

test.each(["SIGKILL", "SIGTERM", "SIGHUP"] as const)("%s leaves no server and no directory either", async (signal) => {
  const postmaster = await playing();
  terminal.kill(signal);
  await terminal.waitExit(6_000);
  await nothingLeft(postmaster);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
