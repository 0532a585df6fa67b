import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { client, pidOf, testServer, type TestServer } from "../servers/server.ts";
import { dashboard, live } from "./dashboard.ts";
import type { Terminal, TerminalOptions } from "./terminal.ts";

const LONG = `select 1 /* ${"because ".repeat(400)}*/ -- größe 漢字 👍\n\t-- of the very end`;
const HOSTILE = "select 2 /* \u001b]52;c;cHduZWQ=\u0007 \u001b[2J \u009b2J\u009c \r\n\t\u007f '${1}' `id` */";
const GID = "o'clock \\ 4711";

let server: TestServer;
let terminal: Terminal;
const sessions: pg.Client[] = [];
const pids = new Map<string, number>();

async function open(name: string): Promise<pg.Client> {
  const session = await client(server.url, { application_name: name });
  sessions.push(session);
  pids.set(name, await pidOf(session));
  return session;
}

beforeAll(async () => {
  const settings = { max_connections: 20, max_prepared_transactions: 5, track_activity_query_size: 8192 };
  server = await testServer(18, { ...settings, autovacuum: "off" });
  await (await open("long")).query(LONG);
  await (await open("hostile")).query(HOSTILE);
  const preparing = await open("preparing");
  await preparing.query("create table shelf (n int primary key, books int)");
  await preparing.query("insert into shelf values (1, 0)");
  await preparing.query("begin");
  await preparing.query("update shelf set books = 1");
  await preparing.query(`prepare transaction E'o''clock \\\\ 4711'`);
  const waiting = await open("waiting");
  void waiting.query("update shelf set books = 2").catch(() => {});
});
afterEach(() => terminal?.close());
afterAll(async () => {
  await sessions[2]?.query(`rollback prepared E'o''clock \\\\ 4711'`).catch(() => {});
  await Promise.all(sessions.map((session) => session.end()));
  await server?.stop();
});

async function on(name: string, options: TerminalOptions = {}): Promise<number> {
  terminal = dashboard(server.url, [], { columns: 100, rows: 24, ...options });
  await live(terminal);
  const pid = pids.get(name)!;
  terminal.type(`/pid:${pid}\r`);
  await terminal.waitFor(/─ 1-1 of 1 ─.* live /);
  return pid;
}

/** What the terminal was asked to put on its clipboard. */
function clipboard(): string | null {
  const data = terminal.clipboard;
  if (data === null) return null;
  expect(data).toMatch(/^c;[A-Za-z0-9+/]*=*$/);
  return Buffer.from(data.slice(2), "base64").toString("utf8");
}

describe("y y", () => {
  test("copies the whole query, of which the list has only the beginning", async () => {
    const pid = await on("long");
    terminal.press("y");
    await terminal.waitFor(new RegExp(`Copy: y the query {2}p the pid ${pid}`));
    expect(clipboard()).toBeNull();
    terminal.press("y");
    const words = `query of ${pid} copied, ${[...LONG].length} characters, if the terminal permits it`;
    await terminal.waitFor(() => terminal.text().includes(words));
    expect(clipboard()).toBe(LONG);
  });

  test("in one go, on the page of the session as well", async () => {
    await on("long");
    terminal.press("Enter");
    await terminal.waitFor(/Esc back/);
    terminal.type("yy");
    await terminal.waitFor(/query of \d+ copied/);
    expect(clipboard()).toBe(LONG);
  });

  test("copies a hostile query as text: what a terminal would obey is not in it", async () => {
    await on("hostile");
    terminal.forgetRaw();
    terminal.type("yy");
    await terminal.waitFor(/query of \d+ copied/);
    expect(clipboard()).toBe("select 2 /* ]52;c;cHduZWQ= [2J 2J \n\t '${1}' `id` */");
    // One sequence of ours, and none of theirs.
    expect(terminal.raw.match(/\u001b\]/g)).toHaveLength(1);
    expect(terminal.raw).not.toContain("cHduZWQ=\u0007");
  });
});

test("y p copies the pid, and y and another key nothing", async () => {
  const pid = await on("long");
  terminal.press("y", "Escape");
  await terminal.waitFor(/─ 1-1 of 1/);
  terminal.press("y", "x");
  await terminal.waitFor(/─ 1-1 of 1/);
  expect(terminal.text()).not.toContain("erminate");
  expect(clipboard()).toBeNull();
  terminal.type("yp");
  await terminal.waitFor(/pid \d+ copied, if the terminal permits it/);
  expect(clipboard()).toBe(String(pid));
});

test("y r copies what ends the prepared transaction that the session waits for, and it does", async () => {
  const pid = await on("waiting", { rows: 40 });
  await terminal.waitFor(/waits for prepared transaction E'o''clock \\\\ 4711' of postgres/);
  terminal.press("y");
  await terminal.waitFor(/p the pid \d+ {2}r ROLLBACK PREPARED E'o''clock \\\\ 4711'/);
  terminal.press("r");
  await terminal.waitFor(/ROLLBACK PREPARED .* copied/);
  expect(clipboard()).toBe(String.raw`ROLLBACK PREPARED E'o''clock \\ 4711'`);
  const [first] = sessions;
  const prepared = await first!.query<{ gid: string }>("select gid from pg_prepared_xacts");
  expect(prepared.rows).toEqual([{ gid: GID }]);
  await first!.query(clipboard()!);
  terminal.press("y");
  await terminal.waitFor(new RegExp(`Copy: y the query {2}p the pid ${pid} +Esc`));
});

test.each(["vt220", "linux"])("on a %s there is no clipboard: that is said, and nothing is written", async (TERM) => {
  await on("long", { env: { TERM } });
  terminal.forgetRaw();
  terminal.type("yp");
  await terminal.waitFor(/nothing copied: this terminal has no clipboard that pgtriage can reach/);
  expect(clipboard()).toBeNull();
  expect(terminal.raw).not.toContain("\u001b]");
});
