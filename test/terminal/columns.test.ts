import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { sessions, type Sessions } from "../servers/server.ts";
import { dashboard, live } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let some: Sessions;
let terminal: Terminal;

beforeAll(async () => {
  some = await sessions(inject("pgUrl"), 3, { application: "an_application_with_a_name" });
});
afterAll(() => some?.close());
afterEach(() => terminal?.close());

async function start(args: readonly string[], columns = 120, rows = 40): Promise<void> {
  terminal = dashboard(inject("pgUrl"), args, { columns, rows });
  await terminal.waitFor(/PID[▲▼]? /);
}

const titles = (): string[] =>
  terminal
    .lines()
    .find((line) => /PID[▲▼]? /.test(line))!
    .split(/\s+/)
    .filter((title) => title !== "");

describe("columns", () => {
  test("that one names are shown, in that order", async () => {
    await start(["--columns", "user,pid,query-age,query"]);
    expect(titles()).toEqual(["USER", "PID", "QUERY+", "QUERY"]);
  });

  test("the pid is there even so", async () => {
    await start(["--columns", "user,state"]);
    expect(titles()).toEqual(["PID", "USER", "STATE"]);
  });

  test("that do not fit are told, and come back on a wider screen", async () => {
    await start(["--columns", "pid,db,user,client,app,state,xact,wait,block,query"], 80, 24);
    await terminal.waitFor(/─ \d columns? do(es)? not fit ─/);
    terminal.resize(200, 60);
    await terminal.waitFor(/PID DB .*BLOCK +QUERY/);
    expect(terminal.text()).not.toContain("not fit");
  });

  test("are chosen with o: Space shows and hides, Left and Right move, 0 is automatic again", async () => {
    await start([]);
    await live(terminal);
    const automatic = titles();
    terminal.press("o");
    await terminal.waitFor(/┌ Columns [^]*Automatic/);
    terminal.press("Down", "Space", "Down", "Left");
    await terminal.waitFor(/Chosen: --columns pid,user,client/);
    terminal.press("Enter");
    await live(terminal);
    expect(titles().slice(0, 3)).toEqual(["PID", "USER", "CLIENT"]);
    expect(titles()).not.toContain("DB");
    terminal.press("F2", "0", "Escape");
    await terminal.waitFor(() => titles().length === automatic.length);
    expect(titles()).toEqual(automatic);
  });

  test("are as wide as the names in them, where there is room", async () => {
    await start([], 200, 60);
    await terminal.waitFor(/an_application_with_a_name/);
  });
});
