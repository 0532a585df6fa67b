import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, listed, live } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

const ATTACKS: readonly string[] = [
  "\u001b]0;pwned\u0007",
  "\u001b]2;pwned\u001b\\",
  "\u001b[2J\u001b[H",
  "\u001b[31;7m",
  "\u001b[?1049l",
  "\u001b]52;c;cHduZWQ=\u0007",
  "\u009b2J\u009d0;pwned\u009c",
  "\u0007\b\b\b\r\n\t\v\f\u0000".replace("\u0000", ""),
  "{red-fg}{bold}tags{/}{open}",
  "データベース管理",
  "👨‍👩‍👧‍👦✅⚡⌚👍🏽",
  "\u202e\u2066dias\u2069\u202c\u200b\u200d\u00ad\ufeff",
  "e\u0301\u0323\u0489 Z\u030d\u0351A\u0334L\u0334G\u0334O",
  "\u001b",
];

let server: TestServer;
let terminal: Terminal;
const open: pg.Client[] = [];
const pids: number[] = [];

beforeAll(async () => {
  server = await testServer(18, { max_connections: 40, track_activity_query_size: 4096, autovacuum: "off" });
  for (const [n, attack] of ATTACKS.entries()) {
    const session = await client(server.url, { application_name: `${attack}${n}` });
    open.push(session);
    pids.push(await pidOf(session));
    await session.query("begin");
    await session.query(`select ${n}, '${attack}' /* ${attack} */, 'after'`);
  }
});
afterAll(async () => {
  await Promise.all(open.map((session) => session.end()));
  await server?.stop();
});
beforeEach(async () => {
  terminal = dashboard(server.url, [], { columns: 200, rows: 60 });
  await live(terminal);
  await terminal.waitFor(() => listed(terminal).length === ATTACKS.length + 1);
});
afterEach(() => terminal.close());

/** Cells of one row between two columns, wide characters and their right halves as they are. */
function cells(y: number, from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => terminal.cell(from + i, y).chars || " ").join("");
}

test("the terminal is what it was: title, screen, cursor, and no bell, clipboard or colour of a stranger's", () => {
  const { title, alternate, cursorVisible, bracketedPaste } = terminal;
  expect({ title, alternate, cursorVisible, bracketedPaste }).toEqual({
    ...{ title: "", alternate: true, cursorVisible: false, bracketedPaste: true },
  });
  expect(terminal.raw).not.toMatch(
    /\u001b\]|\u0007|[\u0080-\u009f]|\u001b\[31;7m|[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/,
  );
  expect(terminal.raw).not.toContain("\u001b[?1049l");
  expect(terminal.text()).toContain("{red-fg}{bold}tags{/}{open}");
});

test("every row stays in its columns, to the right of any name and any query", () => {
  const lines = terminal.lines();
  const titles = lines.findIndex((line) => /PID .*QUERY/.test(line));
  const state = lines[titles]!.indexOf("STATE ");
  const wait = lines[titles]!.indexOf("WAIT ");
  for (const [n, pid] of pids.entries()) {
    const y = lines.findIndex((line, at) => at > titles && new RegExp(`^[> ] *${pid} `).test(line));
    expect(y, `the row of ${JSON.stringify(ATTACKS[n])}`).toBeGreaterThan(titles);
    expect(cells(y, state, state + 12), JSON.stringify(ATTACKS[n])).toBe("idle in tx  ");
    expect(cells(y, wait, wait + 17), JSON.stringify(ATTACKS[n])).toBe("Client:ClientRead");
    expect(terminal.lines()[y]).toMatch(new RegExp(`select ${n}, '`));
  }
});

test("frames around them stay closed, for each of them, in the pane and on its own page", async () => {
  for (const i of ATTACKS.keys()) {
    terminal.press("g", ...Array.from({ length: i }, () => "j"));
    await terminal.waitFor(() => listed(terminal).findIndex((line) => line.startsWith(">")) === i);
    await terminal.waitFor(() => notClosed().length === 0, 3_000);
  }
  terminal.press("g", "Enter");
  await terminal.waitFor(() => /^┌ Backend \d+ ─+┐$/.test(terminal.lines()[1]!));
  await terminal.waitFor(/after'/);
  for (let y = 2; y < 58; y++) expect(cells(y, 199, 200), `row ${y}`).toBe("│");
});

/** Rows that begin with a frame and do not end with one, in the last cell of the screen. */
function notClosed(): string[] {
  return terminal.lines().filter((line, y) => /^[│┌└]/.test(line) && !/[│┐┘]/.test(cells(y, 199, 200)));
}

test("typed into a filter, CJK and emoji arrive whole", async () => {
  terminal.press("/");
  terminal.type("データ");
  await terminal.waitFor(/Filter: データ/);
  expect(listed(terminal)).toHaveLength(1);
  terminal.press("Backspace", "Backspace", "Backspace");
  terminal.type("👍");
  await terminal.waitFor(() => listed(terminal).length === 1 && listed(terminal)[0]!.includes("select 10,"));
});
