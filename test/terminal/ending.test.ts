import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../servers/deadline.ts";
import { type FaultProxy, faultProxy } from "../servers/fault-proxy.ts";
import { client, pidOf, sessions, testServer, withUser, type Sessions, type TestServer } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { dashboard, live } from "./dashboard.ts";
import { ask, gone, select, typeByHand } from "./ending.ts";
import type { Terminal } from "./terminal.ts";

let server: TestServer;
let watcher: pg.Client;
let terminal: Terminal;
let mine: Writer;
const open: { end(): Promise<unknown> }[] = [];

beforeAll(async () => {
  server = await testServer(18, { max_connections: 60 });
  await prepareWriters(server.url);
  watcher = await client(server.url);
});
afterAll(async () => {
  await watcher?.end();
  await server?.stop();
});
beforeEach(async () => {
  mine = await writer(server.url, "culprit");
  open.push(mine.session);
});
afterEach(async () => {
  terminal?.close();
  await Promise.all(open.splice(0).map((session) => session.end().catch(() => {})));
});

async function start(args: readonly string[] = [], url = server.url): Promise<Terminal> {
  terminal = dashboard(url, args, { columns: 120, rows: 40 });
  await live(terminal);
  return terminal;
}

/** Nothing was signalled: it can still commit what it has written. */
async function survives(who: Writer = mine): Promise<void> {
  expect(await who.commits()).toBe(true);
}

describe("with its phrase", () => {
  test("a session is terminated, and within how long is said", async () => {
    await start();
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await mine.ended;
    await terminal.waitFor(/terminated within \d/);
    expect((await watcher.query("select from written where by_pid = $1", [mine.pid])).rowCount).toBe(0);
  });

  test("a query is cancelled, and its session lives on", async () => {
    const busy = await client(withUser(server.url, "app"));
    open.push(busy);
    const pid = await pidOf(busy);
    const sleeping = busy.query("select pg_sleep(60)").catch((error: { code: string }) => error.code);
    await start();
    await ask(terminal, "c", pid);
    await typeByHand(terminal, `cancel ${pid}\n`);
    expect(await sleeping).toBe("57014");
    await terminal.waitFor(/query over within \d/);
    expect((await busy.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("from the page of one session too", async () => {
    await start();
    await select(terminal, mine.pid);
    terminal.press("Enter");
    await terminal.waitFor(/Backend \d+ ─/);
    terminal.press("x");
    await terminal.waitFor(/then Enter:/);
    await pause(200);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await mine.ended;
  });
});

describe("without it nothing is signalled", () => {
  test.each([
    ["Enter alone", "\n"],
    ["y", "y\n"],
    ["yes", "yes\n"],
    ["the pid alone", "PID\n"],
    ["another case", "Terminate PID\n"],
    ["the other action", "cancel PID\n"],
    ["a blank too much", "terminate  PID\n"],
  ])("%s", async (_, text) => {
    await start();
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, text.replace("PID", String(mine.pid)));
    await terminal.waitFor(/nothing (is sent|was typed)/);
    terminal.press("Escape");
    await terminal.waitFor(/nothing was sent/);
    await survives();
  });

  test("a paste of the phrase and Enter, marked by the terminal", async () => {
    await start();
    await ask(terminal, "x", mine.pid);
    terminal.type(`\u001b[200~terminate ${mine.pid}\r\u001b[201~`);
    await terminal.waitFor(/that was a paste/);
    terminal.press("Enter");
    await terminal.waitFor(/nothing was typed/);
    await survives();
  });

  test("a paste that nobody marks", async () => {
    await start();
    await ask(terminal, "x", mine.pid);
    terminal.type(`terminate ${mine.pid}\r`);
    await terminal.waitFor(/as in a paste|that was a paste/);
    await survives();
  });

  test("x and the phrase in one go, before anybody can have read the question", async () => {
    await start();
    await select(terminal, mine.pid);
    terminal.type(`xterminate ${mine.pid}\r`);
    await terminal.waitFor(/then Enter:/);
    await terminal.waitStill();
    expect(terminal.text()).toMatch(/> _/);
    await survives();
  });

  test("keys that repeat: x held down, then Enter held down", async () => {
    await start();
    await select(terminal, mine.pid);
    for (const key of ["x", "\r"]) {
      for (let i = 0; i < 40; i++) {
        terminal.type(key);
        await pause(15);
      }
    }
    await terminal.waitFor(/nothing is sent: that is not the phrase/);
    await survives();
  });
});

describe("what changes behind the question", () => {
  test("it ends by itself", async () => {
    await start();
    await ask(terminal, "x", mine.pid);
    await mine.session.end();
    await terminal.waitFor(/has ended/);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await terminal.waitFor(/nothing is sent/);
  });

  test("it goes on to another state", async () => {
    await start();
    await ask(terminal, "x", mine.pid);
    const working = mine.session.query("select pg_sleep(4)");
    await terminal.waitFor(/is active now, and was idle in transaction/);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await terminal.waitFor(/nothing is sent/);
    await working;
    await survives();
  });

  test("it starts a new query: the cancel does not hit it", async () => {
    const busy = await client(withUser(server.url, "app"));
    open.push(busy);
    const pid = await pidOf(busy);
    const first = busy.query("select pg_sleep(60) as first").catch(() => "first was ended");
    await start();
    await ask(terminal, "c", pid);
    await watcher.query("select pg_cancel_backend($1)", [pid]);
    await first;
    const second = busy.query("select 'alive' as second, pg_sleep(3)");
    await terminal.waitFor(/runs another query now|is idle now/);
    await typeByHand(terminal, `cancel ${pid}\n`);
    await terminal.waitFor(/nothing is sent/);
    expect((await second).rows[0]).toMatchObject({ second: "alive" });
  });

  test("it changes in the moment before the signal: the server itself refuses what was not shown", async () => {
    await start(["--interval", "60"]);
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}`);
    const working = mine.session.query("select pg_sleep(2)");
    await eventually(
      "it is active",
      async () => (await watcher.query("select state from pg_stat_activity where pid = $1", [mine.pid])).rows[0]?.state,
      (state) => state === "active",
    );
    await typeByHand(terminal, "\n");
    await terminal.waitFor(/not sent/);
    await working;
    await survives();
  });

  test("our role loses its rights: refused, with what to grant", async () => {
    await watcher.query("create role oncall login; grant pg_monitor, pg_signal_backend to oncall");
    await start(["--interval", "60"], withUser(server.url, "oncall"));
    await ask(terminal, "x", mine.pid);
    await watcher.query("revoke pg_signal_backend from oncall");
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await terminal.waitFor(/GRANT pg_signal_backend TO oncall/);
    await survives();
    await terminal.waitStill();
    terminal.close();
    await watcher.query("drop role oncall");
  });

  test("two of us end the same session: one ends it, the other says that it was gone", async () => {
    const other = dashboard(server.url, ["--interval", "60"], { columns: 120, rows: 40 });
    try {
      await live(other);
      await start(["--interval", "60"]);
      await ask(terminal, "x", mine.pid);
      await ask(other, "x", mine.pid);
      await typeByHand(terminal, `terminate ${mine.pid}`);
      await typeByHand(other, `terminate ${mine.pid}`);
      await typeByHand(terminal, "\n");
      await gone(watcher, mine.pid);
      await typeByHand(other, "\n");
      await terminal.waitFor(/terminated within/);
      await other.waitFor(/not sent: \d+ (is|was) gone/);
    } finally {
      other.close();
    }
  });
});

describe("the connection", () => {
  let proxy: FaultProxy;
  let target: { host: string; port: number };

  beforeEach(async () => {
    target = { host: server.host, port: server.port };
    proxy = await faultProxy(target);
  });
  afterEach(() => proxy.close());

  const throughProxy = (): string => server.url.replace(`:${server.port}/`, `:${proxy.port}/`);

  test("drops while the question is open: nothing is sent, not even when it is back", async () => {
    await start([], throughProxy());
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}`);
    proxy.set({ refuse: true });
    proxy.reset();
    await terminal.waitFor(/STALE|closed the connection|broke/);
    await typeByHand(terminal, "\n");
    await terminal.waitFor(/nothing is sent/);
    proxy.set({ refuse: false });
    await terminal.waitFor(() => !terminal.text().includes("STALE"), 20_000);
    await terminal.waitStill(100, 2_000);
    await survives();
  });

  test("breaks between the order and its answer: nobody claims to know, and who is still there is seen", async () => {
    await start(["--interval", "60"], throughProxy());
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}`);
    proxy.set({ blackHole: true });
    await typeByHand(terminal, "\n");
    await terminal.waitFor(/sending/);
    proxy.set({ blackHole: false });
    proxy.reset();
    await terminal.waitFor(/may have been sent|not sent/);
    await survives();
  });

  test("leads to a server that was started anew: nobody of before is there, nobody is signalled", async () => {
    const other = await testServer(18, { max_connections: 60 });
    try {
      await prepareWriters(other.url);
      const stranger = await writer(other.url, "culprit");
      open.push(stranger.session);
      await start([], throughProxy());
      await ask(terminal, "x", mine.pid);
      target.port = other.port;
      proxy.reset();
      await terminal.waitFor(/has ended/, 20_000);
      await typeByHand(terminal, `terminate ${mine.pid}\n`);
      await terminal.waitFor(/nothing is sent/);
      await survives();
      await survives(stranger);
    } finally {
      terminal.close();
      await Promise.all(open.splice(0).map((session) => session.end().catch(() => {})));
      await other.stop();
    }
  });
});

describe("several", () => {
  let leaked: Sessions;
  afterEach(() => leaked?.close());

  test("that were tagged are ended together, and what was net freed is said: a leak gives its slots back", async () => {
    leaked = await sessions(withUser(server.url, "app"), 6, { application: "leaky" });
    await start();
    await askLeaky();
    await typeByHand(terminal, "terminate all 6\n");
    await terminal.waitFor(/6 ended, none came back within 5 s: 6 slots free/, 15_000);
    await survives();
  });

  test("of a pool that reconnects at once: net 0", async () => {
    leaked = await sessions(withUser(server.url, "app"), 6, { application: "leaky" });
    const back: Promise<unknown>[] = [];
    for (const session of leaked.clients) {
      const again = new Promise<pg.Client>((resolve, reject) => {
        session.once("end", () => {
          client(withUser(server.url, "app"), { application_name: "leaky" }).then(resolve, reject);
        });
      });
      back.push(again.then((returned) => open.push(returned)));
    }
    await start();
    await askLeaky();
    await typeByHand(terminal, "terminate all 6\n");
    await Promise.all(back);
    await terminal.waitFor(
      /6 ended, 6 came back from leaky@127\.0\.0\.1 in \d\S* s: net 0 slots\. Stop the source\./,
      15_000,
    );
    await survives();
  });

  async function askLeaky(): Promise<void> {
    terminal.press("/");
    terminal.type("app:leaky");
    terminal.press("Enter");
    terminal.press("a", "x");
    await terminal.waitFor(/terminate all 6 {2}then Enter:/);
    await pause(200);
  }
});

describe("the trail", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pgtriage-trail-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("has the phrase, the target and the outcome, on a page and as JSON lines in --log", async () => {
    const log = join(folder, "log.jsonl");
    await start(["--log", log]);
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await mine.ended;
    await terminal.waitFor(/terminated within/);
    terminal.press("l");
    await terminal.waitFor(new RegExp(`terminate ${mine.pid}`));
    expect(terminal.text()).toMatch(/app@postgres/);
    const actions = (): Record<string, unknown>[] =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ what }) => what === "action");
    await eventually("the outcome is in the log", actions, (lines) => lines.at(-1)?.["phase"] === "over");
    expect(actions().map(({ phase }) => phase)).toEqual(["sending", "watching", "over"]);
    expect(actions()[0]).toMatchObject({ phrase: `terminate ${mine.pid}`, action: "terminate" });
    expect(actions().at(-1)).toMatchObject({
      targets: [{ pid: mine.pid, role: "app", application: "culprit", verdict: "sent" }],
    });
    expect(readFileSync(log, "utf8")).not.toContain("insert into written");
  });

  test("has what was known when somebody quits before it is over", async () => {
    const log = join(folder, "log.jsonl");
    await start(["--log", log]);
    await ask(terminal, "x", mine.pid);
    await typeByHand(terminal, `terminate ${mine.pid}\n`);
    await terminal.waitFor(/terminated within/);
    terminal.press("q");
    await terminal.waitExit();
    const last = JSON.parse(readFileSync(log, "utf8").trim().split("\n").at(-1)!) as Record<string, unknown>;
    expect(last).toMatchObject({ what: "action", phase: "watching", targets: [{ verdict: "sent" }] });
    expect(last["said"]).toMatch(/^terminated within/);
  });
});

describe("read only", () => {
  test.each([
    ["--read-only", ["--read-only"], {}],
    ["PGTRIAGE_READ_ONLY", [], { PGTRIAGE_READ_ONLY: "1" }],
  ])("by %s: no key, no footer, no dialog, no line of the help", async (_, args, env) => {
    terminal = dashboard(server.url, args, { columns: 120, rows: 40, env });
    await live(terminal);
    await select(terminal, mine.pid);
    expect(terminal.text()).not.toMatch(/Cancel|Term\b/);
    terminal.press("x", "c", "F9");
    await typeByHand(terminal, `terminate ${mine.pid}`);
    terminal.press("Enter");
    expect(terminal.text()).not.toMatch(/then Enter:/);
    terminal.press("Escape", "Escape", "?");
    await terminal.waitFor(/Help/);
    expect(terminal.text()).not.toMatch(/terminate/);
    await survives();
  });
});
