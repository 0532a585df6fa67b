import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { client, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, listed, live } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

// track_activity_query_size = 100kB: one query is thousands of lines, or one line of thousands of cells.

const FILLINGS: Readonly<Record<string, string>> = {
  statement: "and name <> 'somebody' ".repeat(4300),
  wide: `and name <> '${"漢".repeat(33_000)}' `,
  breaks: "\n".repeat(100_000),
  lines: "\n\t--".repeat(25_000) + "\n",
  tabs: "\t".repeat(100_000),
  word: `and name <> '${"x".repeat(100_000)}' `,
  marks: `and name <> '${"e\u0301".repeat(33_000)}' `,
  escapes: `and name <> '${"\u001b[2J".repeat(24_000)}' `,
};

let server: TestServer;
let terminal: Terminal | null = null;
const open: pg.Client[] = [];

beforeAll(async () => {
  server = await testServer(18, { track_activity_query_size: "100kB" });
  for (const [name, filling] of Object.entries(FILLINGS)) {
    const session = await client(server.url, { application_name: name });
    open.push(session);
    await session.query(
      `select 'first of ${name}' from (select 'x'::text as name) t where true ${filling} and 'last of ${name}' <> ''`,
    );
  }
});
afterAll(async () => {
  await Promise.all(open.map((session) => session.end()));
  await server?.stop();
});
afterEach(() => terminal?.close());

test.each(Object.keys(FILLINGS))(
  "100 kB of %s are one row of the list, and read to their end on the page",
  async (name) => {
    terminal = dashboard(server.url, ["--filter", `app:${name}`], { columns: 120, rows: 40 });
    await live(terminal);
    await terminal.waitFor(() => listed(terminal!).length === 1);
    expect(listed(terminal)[0]).toMatch(/select 'first of/);
    terminal.press("Enter");
    await terminal.waitFor(new RegExp(`┌ Backend \\d+ ─[^]*first of ${name}`));
    // What the list has is its beginning, which has no end to go to: the whole of it has come when there is more than a page.
    await terminal.waitFor(/lines 1-\d+ of \d+/);
    terminal.press("End");
    await terminal.waitFor(new RegExp(`last of ${name}`));
    terminal.press("Home", ...Array.from({ length: 300 }, () => "PageDown"), "Up", "Home");
    await terminal.waitFor(new RegExp(`first of ${name}`));
    for (let y = 2; y < 38; y++) expect(terminal.cell(119, y).chars, `row ${y}`).toBe("│");
    terminal.press("Escape", "q");
    expect((await terminal.waitExit()).code).toBe(0);
  },
);
