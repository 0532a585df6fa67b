import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client, testServer, type TestServer, withUser } from "../servers/server.ts";
import { dashboard, incident, type Incident, listed, live, pidsListed, selected } from "./dashboard.ts";
import type { Terminal } from "./terminal.ts";

// Twelve slots, three for superusers, two reserved; six sessions of an ordinary role, and ours.
let server: TestServer;
let sessions: Incident;
let terminal: Terminal;

beforeAll(async () => {
  server = await testServer(18, {
    ...{ max_connections: 12, superuser_reserved_connections: 3, reserved_connections: 2 },
    ...{ track_activity_query_size: 8192, autovacuum: "off" },
  });
  const session = await client(server.url);
  await session.query("create role app login; grant create on schema public to app");
  await session.end();
  sessions = await incident(withUser(server.url, "app"), 4);
});
afterAll(async () => {
  await sessions?.close();
  await server?.stop();
});
beforeEach(async () => {
  terminal = dashboard(server.url, [], { columns: 120, rows: 40 });
  await live(terminal);
});
afterEach(() => terminal.close());

/** A key, and then the screen that it leads to. */
async function after(key: string, seen: RegExp | (() => boolean)): Promise<void> {
  terminal.press(key);
  await terminal.waitFor(seen, 5_000);
}

const selects = (pid: number | undefined) => (): boolean => selected(terminal) === pid;

test("the first frame says where it connects to, before anything has answered", async () => {
  const first = dashboard(server.url, [], { columns: 120, rows: 40 });
  try {
    await first.waitFor(() => first.raw.includes(`connecting to 127.0.0.1:${server.port}/postgres as postgres`));
    expect(first.alternate).toBe(true);
    await live(first);
    // A frame may arrive in two pieces: the lower half is given time to follow.
    await first.waitFor(() => !first.text().includes("connecting"));
  } finally {
    first.close();
  }
});

test("seven of twelve slots are critical, because none is left for ordinary roles, and it says so", async () => {
  await terminal.waitFor(/7\/12 +▲ CRITICAL/);
  const [title, gauge, marks, verdict] = terminal.lines() as [string, string, string, string];
  expect(title).toContain(`pgtriage 127.0.0.1:${server.port}/postgres as postgres  PG ${server.version} primary`);
  expect(gauge).toMatch(/^ Slots \[█+░+\] 7\/12/);
  expect(marks).toContain("└7 app limit, ░ 5 reserved");
  expect(verdict).toContain("none left for app roles (2 reserved + 3 superuser)");
});

test("the states are counted: one active and waiting, one idle in a transaction, four idle", async () => {
  await terminal.waitFor(/waiting +1/);
  const text = terminal.text();
  expect(text).toMatch(/idle in tx +1 /);
  expect(text).toMatch(/idle +4 /);
  expect(text).toMatch(/active +2 /);
  expect(text).toMatch(/tx aborted +0 /);
  expect(text).toMatch(/role app +6 /);
});

test("the cursor starts on the one that blocks, and its row says how many", async () => {
  await terminal.waitFor(selects(sessions.blocker));
  const row = (pid: number): string | undefined => listed(terminal).find((line) => line.includes(` ${pid} `));
  const blocker = listed(terminal).find((line) => line.startsWith(">"));
  expect(blocker).toMatch(new RegExp(`${sessions.blocker} .*culprit +idle in tx .*blk 1`));
  expect(row(sessions.waiter)).toMatch(new RegExp(`victim +active .*Lock:transactionid +<${sessions.blocker}`));
  expect(listed(terminal)).toHaveLength(7);
  expect(listed(terminal).filter((line) => line.includes("="))).not.toHaveLength(0);
});

describe("moving", () => {
  test("j k and arrows by one, g and G to the ends, page keys by pages; the ends are the ends", async () => {
    await after("g", () => selected(terminal) === pidsListed(terminal)[0]);
    await after("j", () => selected(terminal) === pidsListed(terminal)[1]);
    await after("Down", () => selected(terminal) === pidsListed(terminal)[2]);
    await after("k", () => selected(terminal) === pidsListed(terminal)[1]);
    await after("Up", () => selected(terminal) === pidsListed(terminal)[0]);
    await after("G", () => selected(terminal) === pidsListed(terminal).at(-1));
    await after("Home", () => selected(terminal) === pidsListed(terminal)[0]);
    await after("PageDown", () => selected(terminal) === pidsListed(terminal).at(-1));
    await after("PageUp", () => selected(terminal) === pidsListed(terminal)[0]);
    terminal.press("Up", "Up", "j");
    await terminal.waitFor(() => selected(terminal) === pidsListed(terminal)[1]);
  });

  test("n goes to what is worth a look from anywhere", async () => {
    await after("G", () => selected(terminal) === pidsListed(terminal).at(-1));
    await after("n", /1 of \d: all 7 app slots are used/);
    await after("n", /worth a look: \d+ blocks 1 session/);
    await terminal.waitFor(selects(sessions.blocker));
  });

  test("the cursor stays on its session when the order changes", async () => {
    await after("g", () => selected(terminal) === pidsListed(terminal)[0]);
    const pid = selected(terminal);
    await after("r", /sort XACT asc/);
    expect(selected(terminal)).toBe(pid);
    await after("<", /sort STATE asc/);
    expect(selected(terminal)).toBe(pid);
  });
});

describe("choosing what is listed", () => {
  test("< and > choose the column, r turns the order round", async () => {
    await after(">", /sort STATE\+ desc/);
    for (const title of ["XACT", "STATE", "APP", "CLIENT", "USER", "DB", "PID"]) {
      await after("<", new RegExp(`sort ${title} `));
    }
    await terminal.waitFor(/PID▲/);
    const ascending = pidsListed(terminal);
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    await after("r", /PID▼/);
    expect(pidsListed(terminal)).toEqual([...ascending].reverse());
  });

  test("/ filters while one types, Enter keeps it, Esc takes it back", async () => {
    await after("/", /Filter:/);
    terminal.type("app:web");
    await terminal.waitFor(() => listed(terminal).length === 4);
    await after("Escape", () => listed(terminal).length === 7);
    expect(terminal.text()).not.toMatch(/─ filter|not listed/);
    terminal.press("/");
    terminal.type("state:itx");
    await after("Enter", /filter state:itx ─ 6 not listed/);
    expect(pidsListed(terminal)).toEqual([sessions.blocker]);
    await after("Escape", () => listed(terminal).length === 7);
    expect(terminal.text()).not.toMatch(/─ filter|not listed/);
  });

  test("while one types, keys are letters: q quits nothing, and a word that makes no sense is told", async () => {
    terminal.press("/");
    terminal.type("q?jx:y");
    await terminal.waitFor(/Filter: q\?jx:y/);
    terminal.press("Ctrl-U");
    terminal.type("colour:red");
    await terminal.waitFor(/no field "colour"/);
    expect(listed(terminal)).toHaveLength(7);
    expect(terminal.exit).toBeNull();
  });

  test("s finds a text and puts the cursor there", async () => {
    terminal.press("g", "s");
    terminal.type("web-3");
    await terminal.waitFor(selects(sessions.idle[3]));
    await after("Enter", /sort XACT/);
    expect(selected(terminal)).toBe(sessions.idle[3]);
    expect(listed(terminal)).toHaveLength(7);
  });

  test("i hides the idle ones and says so, and shows them again", async () => {
    await after("i", /4 not listed \(4 idle\)/);
    expect(listed(terminal)).toHaveLength(3);
    await after("i", () => listed(terminal).length === 7);
  });

  test("Space tags and moves down, u takes all tags back", async () => {
    await after("g", () => selected(terminal) === pidsListed(terminal)[0]);
    const [first, second] = pidsListed(terminal);
    await after("Space", /1 tagged/);
    expect(selected(terminal)).toBe(second);
    expect(listed(terminal).find((line) => line.startsWith("*"))).toContain(String(first));
    await after("Space", /2 tagged/);
    await after("u", () => !terminal.text().includes("tagged"));
  });
});

describe("time", () => {
  test("p freezes the picture, which can still be sorted, and back", async () => {
    await after("p", /PAUSED/);
    await after("r", /XACT▲/);
    const newcomer = await client(server.url, { application_name: "newcomer" });
    await terminal.waitStill(600, 3_000);
    expect(terminal.text()).not.toContain("newcomer");
    await after("p", /newcomer/);
    await newcomer.end();
    await terminal.waitFor(() => !terminal.text().includes("newcomer"));
  });

  test("f follows a session although the filter would leave it out", async () => {
    await terminal.waitFor(selects(sessions.blocker));
    terminal.press("j", "k");
    await after("f", new RegExp(`following ${sessions.blocker}`));
    terminal.press("/");
    terminal.type("app:web");
    terminal.press("Enter");
    await terminal.waitFor(() => listed(terminal).length === 5);
    expect(selected(terminal)).toBe(sessions.blocker);
    await after("f", () => !terminal.text().includes("following"));
  });

  test("+ and - change how often it samples", async () => {
    await after("+", /every 1\.0s/);
    await after("-", /every 0\.5s/);
    await after("-", /0\.5 s is the shortest step/);
  });
});
