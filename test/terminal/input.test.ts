import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { sessions, type Sessions } from "../servers/server.ts";
import { dashboard, live, pidsListed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let some: Sessions;
let terminal: Terminal;

beforeAll(async () => {
  some = await sessions(inject("pgUrl"), 8, { application: "web" });
});
afterAll(() => some?.close());
beforeEach(async () => {
  terminal = dashboard(inject("pgUrl"), ["--sort", "pid"], { columns: 120, rows: 40 });
  await live(terminal);
  terminal.press("g");
  await terminal.waitFor(() => pidsListed(terminal).length >= 9 && selected(terminal) === pidsListed(terminal)[0]);
});
afterEach(() => terminal.close());

/** A line that carries one byte, and the next one 30 ms later. */
async function slowly(bytes: string): Promise<void> {
  for (const byte of bytes) {
    terminal.type(byte);
    await pause(30);
  }
}

describe("over a slow line, byte by byte,", () => {
  test("arrows move the cursor, and do nothing else", async () => {
    await slowly("\u001b[B\u001b[B\u001bOB\u001b[A");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[2]);
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("page keys and Home go where they always go", async () => {
    await slowly("\u001b[6~");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal).at(-1));
    await slowly("\u001b[1~");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[0]);
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("a paste is a paste", async () => {
    await slowly("\u001b[200~xq\r\u001b[201~j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
    expect(terminal.exit).toBeNull();
  });
});

test("answers of the terminal that nobody asked for are no keys", async () => {
  for (const answer of ["[?62;1;6;22c", "[12;40R", "]11;rgb:1e1e/1e1e/1e1e\u0007", "P>|XTerm(390)\u001b\\", "[I", "[O"])
    terminal.type(`\u001b${answer}`);
  for (const code of [..."qripsn/?"].map((char) => char.codePointAt(0)!)) terminal.type(`\u001b[${code}u`);
  terminal.press("j");
  await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
  expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  expect(terminal.text()).not.toMatch(/Filter:|Find:|not listed/);
});

test("Enter is pressed once: the page opens and stays open", async () => {
  terminal.press("Enter");
  await terminal.waitFor(/┌ Backend/);
  expect(await terminal.waitStill(200)).toBe(true);
  expect(terminal.text()).toContain("┌ Backend");
  // The same, where a terminal sends a line feed with it.
  terminal.type("\r\n");
  await live(terminal);
});

test("five hundred keys at once are all obeyed, and painted no more often than it takes", async () => {
  const before = terminal.bytes;
  // Eleven columns have room: five hundred steps from PID end on the sixth.
  terminal.type(">".repeat(500));
  await terminal.waitFor(/sort STATE asc/);
  expect(terminal.bytes - before).toBeLessThan(10_000);
});

test("an astral character is one character in the text that one types", async () => {
  terminal.press("/");
  terminal.type("a\u{20000}漢b");
  await terminal.waitFor(/Filter: a\u{20000}漢b/u);
  terminal.press("Left", "Left", "Backspace");
  await terminal.waitFor(/Filter: a漢b/);
});

test("former filters come back with the cursor keys", async () => {
  for (const text of ["app:web", "state:idle"]) {
    terminal.press("/");
    terminal.type(text);
    await terminal.waitFor(new RegExp(`Filter: ${text}`));
    terminal.press("Enter", "\\");
    await terminal.waitFor(/sort PID asc ─ live/);
  }
  terminal.press("/", "Up", "Up");
  await terminal.waitFor(/Filter: app:web/);
  terminal.press("Down");
  await terminal.waitFor(/Filter: state:idle/);
});
