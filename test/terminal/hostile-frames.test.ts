import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clean } from "../../src/text/clean.ts";
import { toAscii, toConsole } from "../../src/ui/paint.ts";
import type { Answer, Ask } from "./hostile-process.ts";
import { hostileText } from "./hostile-texts.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

// Frame after frame of hostile rows through the dashboard's own code and a real pty. What the terminal shows is compared, cell by
// cell, with what the panels meant; and what went over the line is read by a grammar that knows our own sequences and no others.

/** All that a frame may consist of beside text: where to go, what to erase, which colour, and the cursor put aside. */
const OURS = /\r|\n|\u001b\[(?:\d+;\d+)?H|\u001b\[[\d;]*m|\u001b\[\d*[ABCDGJKXdb]|\u001b[78]/g;
const NO_TEXT = /[\p{C}\p{M}\p{Zl}\p{Zp}]/u;

let directory: string;
let listener: Server;
let program: Program | null = null;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "pgtriage-hostile-"));
  listener = createServer();
});
afterEach(() => {
  program?.terminal.close();
  listener.close();
  rmSync(directory, { recursive: true });
});

test("20,000 rows of hostile texts: every character in its cell, no control sequence but ours, title and clipboard untouched", async () => {
  const { rows } = await drawn({ columns: 120, rows: 75 }, 1000);
  expect(rows).toBeGreaterThanOrEqual(20_000);
}, 120_000);

test.each([
  ["--ascii: no byte that is not ASCII leaves", { columns: 120, rows: 75 }, ["ascii"]],
  ["a locale without UTF-8: nor there", { columns: 120, rows: 75, env: { LANG: "C" } }, []],
] as const)("%s", async (_, options, args) => {
  const { everything } = await drawn(options, 60, args, toAscii);
  expect(everything).toMatch(/^[\u0000-\u007f]*$/);
});

test.each(["vt100", "linux", "screen-256color", "xterm"])("on a terminal of type %s", async (TERM) => {
  const consoleLike = TERM === "linux" || TERM === "vt100";
  // They have no second screen, and of its first one the emulator loses lines while it is resized, as no console does.
  const size = consoleLike ? "fixed" : "changing";
  await drawn({ columns: 120, rows: 75, env: { TERM } }, 40, [], TERM === "linux" ? toConsole : undefined, size);
});

interface Program {
  readonly terminal: Terminal;
  ask(ask: Ask): Promise<Answer>;
}

/** Draws so many frames and checks each of them; fast-check says seed and the smallest frame that fails. */
async function drawn(
  options: TerminalOptions,
  frames: number,
  args: readonly string[] = [],
  shown: (text: string) => string = (text) => text,
  size: "fixed" | "changing" = "changing",
): Promise<{ rows: number; everything: string }> {
  const { terminal, ask } = (program = await start(options, args));
  let rows = 0;
  let everything = "";
  // What a frame that failed has left behind must not fail the smaller ones that are tried after it.
  let anew = false;
  await fc.assert(
    fc.asyncProperty(frame, async ({ resize, page, ...rest }) => {
      if (resize !== null && size === "changing") terminal.resize(resize[0], resize[1]);
      const { columns, rows: height } = terminal;
      terminal.forgetRaw();
      const { lines, listed } = await ask({ columns, rows: height, ...rest, ...page, anew });
      anew = true;
      const expected = lines.map((spans) => cellsOf(spans, columns, shown));
      if (!(await shows(terminal, expected))) throw new Error(difference(terminal, expected));
      const text = terminal.raw.replaceAll(OURS, "");
      if (NO_TEXT.test(text)) throw new Error(`not ours, on the line: ${JSON.stringify(around(text, NO_TEXT))}`);
      const { title, clipboard, alternate } = terminal;
      if (title !== "" || clipboard !== null) throw new Error(JSON.stringify({ title, clipboard, alternate }));
      rows += listed;
      everything += terminal.raw;
      anew = false;
    }),
    { numRuns: frames, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
  return { rows, everything };
}

const names = hostileText(4);
const session = fc.record({
  user: fc.option(names, { freq: 10 }),
  database: fc.option(names, { freq: 10 }),
  application: names,
  clientAddress: fc.option(hostileText(2)),
  state: fc.constantFrom("active", "idle", "idle in transaction", "idle in transaction (aborted)"),
  waitEventType: fc.constantFrom(null, "Lock", "Client"),
  waitEvent: names,
  query: fc.oneof({ weight: 9, arbitrary: hostileText(10) }, hostileText(60)),
});
const sessions = fc
  .array(session, { maxLength: 60, size: "max" })
  .map((list) => list.map((one, i) => ({ ...one, pid: 1000 + i })));

/** The list, for the most part; scrolled sideways; one session on its page; a hostile text typed as a filter. */
const page = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ keys: [], paste: "" }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }).map((n) => ({ keys: repeated("right", n), paste: "" })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...[["enter"], ["enter", "pagedown"], ["space", "down", "f"], ["?"]]).map(keys),
  },
  { weight: 1, arbitrary: hostileText(6).map((paste) => ({ keys: ["/"], paste })) },
);
const SIZES = [
  [120, 75],
  [200, 75],
  [80, 70],
  [60, 66],
] as const;
/** The emulator has no fewer than two columns. */
const anySize = fc.tuple(fc.integer({ min: 2, max: 220 }), fc.integer({ min: 1, max: 75 }));

const frame = fc.record({
  backends: sessions,
  name: names,
  gap: fc.option(names, { freq: 10 }),
  page,
  // Now and then: a resize costs a whole frame, and the wait for it.
  resize: fc.oneof(
    { weight: 20, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom(...SIZES) },
    { weight: 1, arbitrary: anySize },
  ),
});

function keys(pressed: readonly string[]): { keys: readonly string[]; paste: string } {
  return { keys: pressed, paste: "" };
}

function repeated(key: string, times: number): string[] {
  return Array.from<string>({ length: times }).fill(key);
}

/** What each cell of a line is to hold: a wide character stands in the first of its two. */
function cellsOf(spans: readonly string[], columns: number, shown: (text: string) => string): string[] {
  const cells: string[] = [];
  for (const char of spans.map((text) => shown(clean(text))).join("")) {
    const wide = WIDE.test(char);
    // Half of a wide character is not drawn, and nothing after it.
    if (cells.length + (wide ? 2 : 1) > columns) break;
    cells.push(char, ...(wide ? [""] : []));
  }
  while (cells.length < columns) cells.push(" ");
  return cells;
}

/** Said anew, not by the table that the program draws with. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Waits as long as more of the frame comes. On a busy machine a timer may be over before what has long arrived is read. */
async function shows(terminal: Terminal, expected: readonly (readonly string[])[]): Promise<boolean> {
  for (let silences = 0; silences < 3;) {
    await terminal.parsed();
    if (expected.every((cells, y) => wrongCell(terminal, y, cells) < 0)) return true;
    if ((await terminal.nextOutput(STILL_MS)) === null) silences++;
  }
  return false;
}

const STILL_MS = 150;

/** Where a row of the terminal is not what it is to be; -1 when it is. */
function wrongCell(terminal: Terminal, y: number, cells: readonly string[]): number {
  return cells.findIndex((expected, x) => {
    const { chars, width } = terminal.cell(x, y);
    if (expected === "") return width !== 0;
    return (chars === "" ? " " : chars) !== expected || width !== (cells[x + 1] === "" ? 2 : 1);
  });
}

function difference(terminal: Terminal, expected: readonly (readonly string[])[]): string {
  const y = expected.findIndex((cells, row) => wrongCell(terminal, row, cells) >= 0);
  const x = wrongCell(terminal, y, expected[y]!);
  const found = Array.from({ length: terminal.columns }, (_, column) => terminal.cell(column, y).chars || "_").join("");
  return `row ${y}, column ${x} of ${terminal.columns}x${terminal.rows}\nwanted ${JSON.stringify(expected[y]!.join(""))}\nfound  ${JSON.stringify(found)}`;
}

function around(text: string, what: RegExp): string {
  const at = text.search(what);
  return text.slice(Math.max(0, at - 10), at + 20);
}

async function start(options: TerminalOptions, args: readonly string[]): Promise<Program> {
  const socket = path.join(directory, "frames");
  await new Promise<void>((resolve) => listener.listen(socket, resolve));
  const connected = new Promise<Socket>((resolve) => listener.once("connection", resolve));
  const terminal = new Terminal(process.execPath, ["--import", "tsx", PROGRAM, socket, ...args], options);
  const channel = await Promise.race([
    connected,
    terminal.waitExit(30_000).then(() => Promise.reject(new Error(terminal.text()))),
  ]);
  const answers = createInterface({ input: channel })[Symbol.asyncIterator]();
  await terminal.waitStill();
  return {
    terminal,
    async ask(ask) {
      channel.write(`${JSON.stringify(ask)}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`the program has ended:\n${terminal.text()}`);
      return JSON.parse(value) as Answer;
    },
  };
}

const PROGRAM = fileURLToPath(new URL("./hostile-process.ts", import.meta.url));
