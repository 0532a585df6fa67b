import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, pidOf, testServer, withUser, type TestServer } from "../servers/server.ts";
import { prepareWriters, writer, type Writer } from "../servers/writer.ts";
import { dashboard, live } from "./dashboard.ts";

// A cat on the keyboard, and worse: keys, pastes and resizes at random, with questions opening all the time. Nobody is ended. The
// phrases are known and thrown in, as pastes and as bursts, which no hand types.

const KEYS = 50_000;
const SEED = Number(process.env["PGTRIAGE_FUZZ_SEED"] ?? Date.now() % 1_000_000);

let server: TestServer;
const writers: Writer[] = [];
const sleepers: { session: pg.Client; pid: number; ended: Promise<string> }[] = [];

beforeAll(async () => {
  server = await testServer(18, { max_connections: 60 });
  await prepareWriters(server.url);
  for (const application of ["web", "web", "worker", "leaky", "leaky", "leaky"]) {
    writers.push(await writer(server.url, application));
  }
  for (let i = 0; i < 4; i++) {
    const session = await client(withUser(server.url, "app"), { application_name: "sleeper" });
    const pid = await pidOf(session);
    const ended = session.query("select pg_sleep(3600)").then(
      () => "woke up",
      (error: { code?: string }) => error.code ?? "broke",
    );
    sleepers.push({ session, pid, ended });
  }
});
afterAll(async () => {
  const watcher = await client(server.url);
  for (const { pid } of sleepers) await watcher.query("select pg_terminate_backend($1)", [pid]);
  await watcher.end();
  await Promise.all([...writers, ...sleepers].map(({ session }) => session.end().catch(() => {})));
  await server?.stop();
});

test(`${KEYS.toLocaleString("en")} random keys, pastes and resizes end nobody`, { timeout: 600_000 }, async () => {
  const random = generator(SEED);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const pids = [...writers, ...sleepers].map(({ pid }) => pid);
  const terminal = dashboard(server.url, [], { columns: 120, rows: 40 });
  let pressed = 0;
  let questions = 0;
  try {
    await live(terminal);
    while (pressed < KEYS) {
      const pid = one(pids);
      const phrase = one([`terminate ${pid}`, `cancel ${pid}`, `terminate all ${one([2, 3, 6, 10])}`, `unlock ${pid}`]);
      const chunk =
        random() < 0.1 ? one(spoilt(phrase)) : Array.from({ length: 1 + random() * 24 }, () => one(ALPHABET)).join("");
      terminal.type(chunk);
      pressed += chunk.length;
      if (random() < 0.02) terminal.resize(one([38, 40, 80, 120, 200]), one([8, 10, 24, 40, 60]));
      await terminal.nextOutput(20);
      if (/then Enter:/.test(terminal.text())) questions++;
      if (terminal.exit !== null) throw new Error(`it has ended, seed ${SEED}: ${JSON.stringify(terminal.exit)}`);
    }
    terminal.type("\u001b\u001b");
    await terminal.waitStill();
  } finally {
    terminal.close();
  }
  expect(questions, `seed ${SEED}`).toBeGreaterThan(50);
  const still = await Promise.race([Promise.all(sleepers.map(({ ended }) => ended)), Promise.resolve("asleep")]);
  expect(still, `seed ${SEED}`).toBe("asleep");
  const watcher = await client(server.url);
  const { rows } = await watcher.query<{ pid: number; state: string }>(
    "select pid, state from pg_stat_activity where pid = any($1)",
    [pids],
  );
  await watcher.end();
  expect(
    rows.filter(({ state }) => state === "active"),
    `seed ${SEED}`,
  ).toHaveLength(sleepers.length);
  expect(rows, `seed ${SEED}`).toHaveLength(pids.length);
  for (const { commits } of writers) expect(await commits(), `seed ${SEED}`).toBe(true);
});

/** Everything but what quits or suspends. Keys that open a question, and those that would answer one, more often than others. */
const ALPHABET = [
  ..."xxxxxxccccaau jjkkgG/nirpfslhoymKC?<>+-\\tzv1234224",
  ..."terminate cancel all unlock yes 0123456789",
  ...["\r", "\r", "\r", "\u001b", "\u001b[A", "\u001b[B", "\u001b[20~", "\u007f", "\u0015", "\t", "\u001b[Z", "\f"],
];

/** The very phrase, in all the ways in which it does not count. */
function spoilt(phrase: string): string[] {
  return [
    `\u001b[200~${phrase}\u001b[201~\r`,
    `\u001b[200~${phrase}\r\u001b[201~`,
    `x${phrase}\r`,
    `c${phrase}\r`,
    `${phrase}\r`,
    `\u0015${phrase}\r`,
    `\u0015${phrase.toUpperCase()}\r`,
  ];
}

/** Numbers between 0 and 1, the same for the same seed: a failure can be played again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
