import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testServer, type TestServer } from "../servers/server.ts";
import { dashboard, incident, type Incident, listed, live, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

let server: TestServer;
let sessions: Incident;
let terminal: Terminal;

beforeAll(async () => {
  server = await testServer(18, { max_connections: 20, track_activity_query_size: 8192, autovacuum: "off" });
  sessions = await incident(server.url, 6);
});
afterAll(async () => {
  await sessions?.close();
  await server?.stop();
});
beforeEach(async () => {
  terminal = dashboard(server.url, [], { columns: 120, rows: 40 });
  await live(terminal);
  await terminal.waitFor(() => selected(terminal) === sessions.blocker);
});
afterEach(() => terminal.close());

describe("the page of one session", () => {
  test("has its whole query, whom it blocks, and goes back with Esc", async () => {
    terminal.press("Enter");
    await terminal.waitFor(/┌ Backend [^]*the very end \*\//);
    const text = terminal.text();
    expect(text).toContain(`┌ Backend ${sessions.blocker}`);
    expect(text.match(/because/g)).toHaveLength(50);
    expect(text).toContain("it may have written");
    expect(text).toMatch(new RegExp(`blocks 1 session.*\n.*${sessions.waiter} +victim +transactionid`));
    terminal.press("Escape");
    await terminal.waitFor(() => listed(terminal).length === 9);
    expect(selected(terminal)).toBe(sessions.blocker);
  });

  test("scrolls where it does not fit", async () => {
    terminal.resize(80, 12);
    terminal.press("Enter");
    await terminal.waitFor(/lines 1-8 of \d+/);
    terminal.press("j", "Down");
    await terminal.waitFor(/lines 3-10 of \d+/);
    terminal.press("PageDown", "PageDown", "PageDown", "PageDown");
    await terminal.waitFor(/very end/);
    terminal.press("g");
    await terminal.waitFor(/lines 1-8 of \d+/);
  });

  test("a filter that is typed there can be seen while it is typed", async () => {
    terminal.press("Enter");
    await terminal.waitFor(/┌ Backend/);
    terminal.press("/");
    terminal.type("app:web");
    await terminal.waitFor(/Filter: app:web/, 3_000);
  });
});

describe("help", () => {
  test("explains marks, keys, filters and columns, and goes away with Esc and with ?", async () => {
    terminal.resize(120, 140);
    terminal.press("?");
    await terminal.waitFor(/┌ Help/);
    await terminal.waitFor(/field:value/);
    for (const word of [
      "app limit",
      "idle in tx",
      "STALE",
      "next finding",
      "Ctrl-C quits",
      "xact>30s",
      "BLOCK",
      "XMIN",
    ]) {
      expect(terminal.text()).toContain(word);
    }
    terminal.press("Escape");
    await live(terminal);
    terminal.press("F1");
    await terminal.waitFor(/┌ Help/);
    terminal.press("?");
    await live(terminal);
  });

  test("a text to find that is typed there can be seen while it is typed", async () => {
    terminal.press("?");
    await terminal.waitFor(/┌ Help/);
    terminal.press("s");
    terminal.type("web");
    await terminal.waitFor(/Find: web/, 3_000);
  });
});

describe("whatever the size", () => {
  const SIZES: readonly (readonly [number, number, RegExp])[] = [
    [200, 60, /PostgreSQL 18\.\d[^]*┌ Slots, last[^]*┌ Who holds the slots[^]*XMIN[^]*┌ Backend/],
    [120, 40, /PG 18\.\d primary up[^]*app limit[^]*STATE\+ WAIT/],
    [80, 24, /PG 18\.\d primary[^]*left for app roles[^]*─\[1 Sessions\][^]*PID USER/],
    [60, 12, /Slots \[█[^]*act \d+ wait 1 idle 6 itx 1[^]*PID STATE +XACT▼ .*QUERY/],
    [40, 10, /Slots \[█[^]*PID STATE +XACT▼ .*QUERY/],
    [20, 3, /^\S* ?9\/20 8 left/],
    [1, 1, /^9$/],
    [120, 40, /PG 18\.\d primary up[^]*app limit[^]*STATE\+ WAIT/],
  ];

  const count = (pattern: RegExp): number => terminal.text().match(pattern)?.length ?? 0;

  test("every part is where it belongs, after each resize, and nothing of the frame before is left", async () => {
    for (const [columns, rows, seen] of SIZES) {
      terminal.resize(columns, rows);
      await terminal.waitFor(seen, 5_000);
      const once = rows >= 10 ? 1 : 0;
      await terminal.waitFor(() => count(/PID/g) === once && count(/Quit/g) === once, 5_000);
      expect(terminal.lines()).toHaveLength(rows);
    }
    expect(selected(terminal)).toBe(sessions.blocker);
    expect(listed(terminal)).toHaveLength(9);
  });

  test("resized to and fro in a hurry, it ends with the right frame", async () => {
    for (let i = 0; i < 20; i++) terminal.resize(20 + ((i * 37) % 180), 1 + ((i * 13) % 60));
    terminal.resize(80, 24);
    await terminal.waitFor(SIZES[2]![2]);
    expect(listed(terminal).length).toBeGreaterThan(5);
  });

  test.each([
    [20, 3],
    [1, 1],
  ])("q leaves a screen of %ix%i", async (columns, rows) => {
    terminal.resize(columns, rows);
    await terminal.waitFor(rows === 1 ? /^9$/ : /9\/20/);
    terminal.press("q");
    expect(await terminal.waitExit(3_000)).toEqual({ code: 0, signal: 0 });
  });

  test("on a screen of one line, no text is asked for that could not be seen: q still leaves after /", async () => {
    terminal.resize(20, 3);
    await terminal.waitFor(/9\/20/);
    terminal.press("/", "q");
    await terminal.waitFor(() => terminal.exit !== null || /Filter|q/.test(terminal.text()), 3_000);
  });
});
