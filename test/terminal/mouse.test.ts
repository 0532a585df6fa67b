import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { sessions, type Sessions } from "../servers/server.ts";
import { dashboard, live, pidsListed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let some: Sessions;
let terminal: Terminal;

beforeAll(async () => {
  some = await sessions(inject("pgUrl"), 8, { application: "web" });
});
afterAll(() => some?.close());
afterEach(() => terminal.close());

async function start(...args: readonly string[]): Promise<void> {
  terminal = dashboard(inject("pgUrl"), ["--sort", "pid", ...args], { columns: 120, rows: 40 });
  await live(terminal);
  terminal.press("g");
  await terminal.waitFor(() => pidsListed(terminal).length >= 9 && selected(terminal) === pidsListed(terminal)[0]);
}

/** The button goes down and up again, as terminals report it. */
function click(column: number, row: number): void {
  terminal.type(`\u001b[<0;${column + 1};${row + 1}M\u001b[<0;${column + 1};${row + 1}m`);
}

const titles = (): number => terminal.lines().findIndex((line) => /PID[▲▼]? .*QUERY/.test(line));

describe("the mouse", () => {
  test("is the terminal's own until one asks for it, and its reports are no keys", async () => {
    await start();
    expect(terminal.mouseTracking).toBe("none");
    click(5, titles() + 3);
    terminal.type("\u001b[M qG\u001b[32;5;12M");
    terminal.press("j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
    expect(terminal.text()).toMatch(/sort PID asc ─ live/);
  });

  test("asked for with --mouse: a click selects, a second one opens, and Esc goes back", async () => {
    await start("--mouse");
    expect(terminal.mouseTracking).toBe("vt200");
    click(30, titles() + 4);
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[3]);
    const pid = selected(terminal);
    click(30, titles() + 4);
    await terminal.waitFor(new RegExp(`┌ Backend ${pid}`));
    terminal.press("Escape");
    await live(terminal);
  });

  test("a click on a title sorts by it, again the other way", async () => {
    await start("--mouse");
    const x = terminal.lines()[titles()]!.indexOf("APP");
    click(x, titles());
    await terminal.waitFor(/sort APP asc/);
    click(x, titles());
    await terminal.waitFor(/sort APP desc/);
    expect(terminal.lines()[titles()]).toContain("APP▼");
  });

  test("the wheel moves by three, whatever is under it", async () => {
    await start("--mouse");
    terminal.type("\u001b[<65;10;2M\u001b[<65;10;2M");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[6]);
    terminal.type("\u001b[<64;10;2M");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[3]);
  });

  test("m switches it on and off, and says so", async () => {
    await start();
    terminal.press("m");
    await terminal.waitFor(/mouse on: Shift selects text/);
    expect(terminal.mouseTracking).toBe("vt200");
    terminal.press("m");
    await terminal.waitFor(/mouse off/);
    expect(terminal.mouseTracking).toBe("none");
  });

  test.each(["q", "SIGTERM", "SIGHUP"])("is given back after %s", async (end) => {
    await start("--mouse");
    if (end === "q") terminal.press("q");
    else terminal.kill(end as NodeJS.Signals);
    await terminal.waitExit();
    expect([terminal.mouseTracking, terminal.bracketedPaste, terminal.alternate]).toEqual(["none", false, false]);
  });
});
