import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { sessions, type Sessions } from "../servers/server.ts";
import { dashboard, listed, live, pidsListed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

const BEGIN = "\u001b[200~";
const END = "\u001b[201~";

let some: Sessions;
let terminal: Terminal;

beforeAll(async () => {
  some = await sessions(inject("pgUrl"), 5, { application: "web" });
});
afterAll(() => some?.close());
beforeEach(async () => {
  terminal = dashboard(inject("pgUrl"), ["--sort", "pid"], { columns: 120, rows: 40 });
  await live(terminal);
  terminal.press("g");
  await terminal.waitFor(() => listed(terminal).length >= 6 && selected(terminal) === pidsListed(terminal)[0]);
});
afterEach(() => terminal.close());

describe("pasted into the list", () => {
  test.each([
    ["a key", "q"],
    ["Ctrl-C", "\u0003"],
    ["several keys", "jjjG"],
    ["a filter", "/app\r"],
    ["another begin mark", `q${BEGIN}q`],
    ["arrows", "\u001b[B\u001b[Bq"],
    ["a phrase", "terminate 1\r"],
    ["100 kB", "x".repeat(100_000)],
  ])("%s does nothing", async (_what, text) => {
    terminal.type(`${BEGIN}${text}${END}`);
    // The next key shows that all of it has been read: one down, from where the cursor was.
    terminal.press("j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
    expect(terminal.exit).toBeNull();
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("in pieces, its end mark cut in two, it is one paste all the same", async () => {
    for (const piece of ["\u001b[20", "0~qq", "G", "\u0003\u001b", "[20", "1~"]) {
      terminal.type(piece);
      await pause(10);
    }
    terminal.press("j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
    expect(terminal.exit).toBeNull();
  });
});

describe("pasted into the filter", () => {
  test("text is text, and nothing in it acts", async () => {
    terminal.press("/");
    terminal.type(`${BEGIN}app:web sq?elect${END}`);
    await terminal.waitFor(/Filter: app:web sq\?elect/);
    await terminal.waitFor(() => listed(terminal).length === 5);
    expect(terminal.exit).toBeNull();
  });

  test("line ends are blanks: nothing is sent off, and control characters stay out", async () => {
    terminal.press("/");
    terminal.type(`${BEGIN}app:web\r\nstate:idle\u0003\u001b[31m${END}`);
    await terminal.waitFor(/Filter: app:web state:idle/);
    expect(terminal.text()).toMatch(/Enter keeps|no state/);
    expect(terminal.exit).toBeNull();
    expect(terminal.raw).not.toContain("\u001b[31m");
  });
});

describe("a slow line", () => {
  test("an arrow whose second half comes 30 ms later is an arrow", async () => {
    for (const [first, second] of [
      ["\u001b", "[B"],
      ["\u001b[", "B"],
      ["\u001bO", "B"],
    ] as const) {
      const at = pidsListed(terminal).indexOf(selected(terminal)!);
      terminal.type(first);
      await pause(30);
      terminal.type(second);
      await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[at + 1], 3_000);
    }
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("the half of a sequence whose rest never comes is no key", async () => {
    terminal.type("\u001b[");
    await terminal.waitStill(300, 2_000);
    terminal.press("j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("thirty arrows at once are thirty steps", async () => {
    terminal.type("\u001b[B".repeat(30));
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal).at(-1));
    terminal.type("\u001b[A".repeat(30));
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[0]);
  });
});
