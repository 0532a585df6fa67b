import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { sessions, type Sessions } from "../servers/server.ts";
import { BIN, dashboard, live } from "./dashboard.ts";
import { Terminal } from "./terminal.ts";

let some: Sessions;
let terminal: Terminal;

beforeAll(async () => {
  some = await sessions(inject("pgUrl"), 30, { application: "web" });
});
afterAll(() => some?.close());
afterEach(() => terminal.close());

/** What the screen shows, drawn anew: a cell that was left over from another size would be gone. */
async function sameWhenDrawnAnew(): Promise<void> {
  // Nothing changes any more but the line that tells of it.
  terminal.press("p");
  await terminal.waitFor(/PAUSED[^]*─ paused/);
  const timeless = (): string[] => terminal.lines().filter((line) => !/^─ paused|paused, \d+ s old/.test(line));
  const before = timeless();
  const bytes = terminal.bytes;
  terminal.press("Ctrl-L");
  await terminal.waitFor(() => terminal.bytes - bytes > 1000);
  expect(timeless()).toEqual(before);
}

test("sixty resizes in a second while samples come: the last size wins, nothing of another one is left", async () => {
  terminal = new Terminal(process.execPath, [BIN, inject("pgUrl"), "-i", "0.1"], { columns: 120, rows: 40 });
  await live(terminal);
  const before = terminal.bytes;
  for (let i = 0; i < 60; i++) {
    terminal.resize(1 + ((i * 53) % 220), 1 + ((i * 29) % 70));
    await pause(16);
  }
  terminal.resize(100, 30);
  await terminal.waitFor(
    () => terminal.lines().at(-1)!.includes("q Quit") && terminal.lines()[0]!.includes("pgtriage"),
  );
  // A whole frame is some 6 kB: a paint for each size would be 300 kB and more.
  expect(terminal.bytes - before).toBeLessThan(60_000);
  await sameWhenDrawnAnew();
  expect(terminal.exit).toBeNull();
});

test.each([
  [300, 100],
  [100, 30],
  [79, 24],
  [40, 8],
])("from one line and back to %ix%i, the frame is whole", async (columns, rows) => {
  terminal = dashboard(inject("pgUrl"), [], { columns, rows });
  await live(terminal);
  terminal.resize(20, 1);
  await terminal.waitFor(/^.{0,3}\d+\/\d+ \d+ left/);
  terminal.resize(columns, rows);
  await live(terminal);
  await terminal.waitFor(() => terminal.lines().at(-1)!.includes("q Quit"));
});

test("a terminal that says it has no size at first gets its frame when it has one", async () => {
  const command = `stty rows 0 cols 0 && exec "${process.execPath}" "${BIN}" "${inject("pgUrl")}"`;
  terminal = new Terminal("/bin/sh", ["-c", command], { columns: 80, rows: 24 });
  await terminal.waitFor(() => terminal.alternate);
  terminal.resize(120, 40);
  await live(terminal);
  terminal.press("q");
  expect(await terminal.waitExit()).toEqual({ code: 0, signal: 0 });
});

test.each([
  ["", 24, /^ pgtriage .{60,70}$/],
  ["COLUMNS=60 LINES=12", 12, /^ pgtriage .{40,50}$/],
])(
  "a terminal that says 0x0 gets a frame all the same, and a right one when it knows better: %s",
  async (size, rows, first) => {
    terminal = new Terminal(
      "/bin/sh",
      ["-c", `stty rows 0 cols 0; ${size} exec "$0" "$1" "$2"`, process.execPath, BIN, inject("pgUrl")],
      {
        columns: 100,
        rows: 30,
      },
    );
    await live(terminal);
    expect(terminal.lines()[0]).toMatch(first);
    expect(terminal.lines().findIndex((line) => line.includes("q Quit"))).toBe(rows - 1);
    terminal.resize(120, 40);
    await terminal.waitFor(() => terminal.lines()[39]!.includes("q Quit"));
  },
);
