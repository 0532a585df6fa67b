import type { Client } from "pg";
import type { Answers, Holdings, Order } from "../model/action.ts";
import { LIST_QUERY_BYTES, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import { decodeBackend, decodeServer, interner, sameServer, type TextRow } from "./decode.ts";
import { encodings, UTF8_EVERYWHERE, type Encodings } from "./encodings.ts";
import { bind, statement, type StatementName } from "./statement.ts";

/** One kept connection that is sampled, asked for details and given orders. */
export interface Source {
  /** One sample, in one round trip. Rejects when the server refuses or does not answer in time. */
  read(): Promise<Sample>;
  /** The whole query text of one backend; null when it has ended. */
  wholeQuery(backend: Backend): Promise<{ readonly queryStartSeconds: number | null; readonly query: string } | null>;
  /** What this backend holds; null when it has ended. */
  holdings(backend: Backend): Promise<Holdings | null>;
  /**
   * Signals the targets of an order, all in one statement, each of them only if it still is what was shown. Rejects when the order
   * does not carry its phrase, or when the server does not answer.
   */
  signal(order: Order): Promise<Answers>;
  close(): void;
}

/** A row may rest unchanged from this long before the last sample on: state_change is taken a moment before it is visible. */
const MARGIN_SECONDS = 2;
/** Settings, limits and rights, and every row whether it changed or not. */
const SLOW_SECONDS = 10;
/** pg_blocking_pids of a queue of n waiters costs n²; the longest waiting ones lead to the head of it. */
const WAITERS = 100;
const BLOCKERS = 16;
/** Longer than the statement_timeout of session.sql: what takes longer than this hangs in the network. */
const ANSWER_MS = 8000;
/** Everything stays the text that came: what a number is, decode.ts knows. */
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };

export interface PostgresOptions {
  readonly client: Client;
  readonly major: number;
  readonly host: string;
  readonly port: number;
}

export function postgresSource({ client, major, host, port }: PostgresOptions): Source {
  const texts = interner();
  let known: Known = { pids: "", index: new Map(), backends: [] };
  let server: Server | null = null;
  let written: Encodings = UTF8_EVERYWHERE;
  let sessionSet = false;
  let line: Promise<unknown> = Promise.resolve();
  let lastSeconds = 0;
  let slowSeconds = 0;

  /** One thing at a time on the one connection, in the order in which it was asked for. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = line.then(work);
    line = result.catch(() => undefined);
    return result;
  }

  async function read(): Promise<Sample> {
    // 10 has one timer for all statements of a message: what our role is set to must be gone before the sample begins.
    if (!sessionSet && major < 11) {
      await roundTrip(client, major, ["session"]);
      sessionSet = true;
    }
    const asked = performance.now();
    const slow = server === null || lastSeconds - slowSeconds >= SLOW_SECONDS;
    const since = slow ? null : lastSeconds - MARGIN_SECONDS;
    const answers = await roundTrip(client, major, [
      ...(sessionSet ? [] : (["session"] as const)),
      "clock",
      { name: "activity", values: [LIST_QUERY_BYTES, since, WAITERS, BLOCKERS] },
      ...(slow ? (["server", "limits", "encodings"] as const) : []),
      "cost",
    ]);
    sessionSet = true;
    const [serverSeconds, nextXid, pids] = answers.clock[0]! as [string, string, string | null];
    if (slow) {
      written = encodings(answers.server[0]!, answers.encodings);
      const fresh = decodeServer(answers.server[0]!, answers.limits, host, port, written);
      server = server !== null && sameServer(server, fresh) ? server : fresh;
    }
    const next = merge(known, pids ?? "", answers.activity, (row, before) =>
      decodeBackend(row, before, texts, written),
    );
    known = next.known;
    lastSeconds = Number(serverSeconds);
    if (slow) slowSeconds = lastSeconds;
    // A pid without a row: every row comes with the next sample.
    if (next.incomplete) slowSeconds = 0;
    return {
      kind: "sample",
      takenAt: Date.now(),
      costMs: performance.now() - asked,
      serverMs: Number(answers.cost[0]![0]) * 1000,
      serverSeconds: lastSeconds,
      nextXid: Number(BigInt(nextXid) % 4_294_967_296n),
      backends: known.backends,
      waitersNotResolved: next.waitersNotResolved,
      server: server!,
    };
  }

  return {
    read: () => inTurn(read),
    async wholeQuery({ pid, backendStart, database }) {
      const answers = await inTurn(() => roundTrip(client, major, [{ name: "query", values: [pid, backendStart] }]));
      const row = answers.query[0];
      return row === undefined
        ? null
        : { queryStartSeconds: row[0] == null ? null : Number(row[0]), query: written.query(row[1] ?? "", database) };
    },
    holdings: () => Promise.resolve(null),
    signal: () => Promise.reject(new Error("not yet")),
    close() {
      // Goodbye if the server listens; a socket that hangs must not keep us.
      client.end().catch(() => undefined);
      const { stream } = (client as unknown as { connection: { stream: { destroy(): void; unref(): void } } })
        .connection;
      setTimeout(() => stream.destroy(), 200).unref();
      stream.unref();
    },
  };
}

/** The rows of the last sample, in the server's order, and where the one of each pid is. */
interface Known {
  readonly pids: string;
  readonly index: ReadonlyMap<number, number>;
  readonly backends: readonly Backend[];
}

interface Merged {
  readonly known: Known;
  readonly incomplete: boolean;
  readonly waitersNotResolved: number;
}

type Decode = (row: TextRow, before: Backend | undefined) => Backend;

/** The rows that came, and for the other pids the row we have. As long as nobody comes or goes, one array is all that is new. */
function merge(before: Known, pids: string, rows: readonly TextRow[], decode: Decode): Merged {
  const came: Backend[] = [];
  let waitersNotResolved = 0;
  for (const row of rows) {
    const at = before.index.get(Number(row[0]));
    const backend = decode(row, at === undefined ? undefined : before.backends[at]);
    came.push(backend);
    if (backend.waitEventType === "Lock" && row[19] === null) waitersNotResolved++;
  }
  if (pids === before.pids) {
    const backends = before.backends.slice();
    for (const backend of came) {
      const at = before.index.get(backend.pid);
      if (at !== undefined) backends[at] = backend;
    }
    return { known: { ...before, backends }, incomplete: false, waitersNotResolved };
  }
  const byPid = new Map(came.map((backend) => [backend.pid, backend]));
  const index = new Map<number, number>();
  const backends: Backend[] = [];
  let incomplete = false;
  for (const text of pids === "" ? [] : pids.split(" ")) {
    const pid = Number(text);
    const at = before.index.get(pid);
    const backend = byPid.get(pid) ?? (at === undefined ? undefined : before.backends[at]);
    if (backend === undefined) incomplete = true;
    else index.set(pid, backends.push(backend) - 1);
  }
  // With a row missing, the same pids next time must not pass for a complete list.
  return { known: { pids: incomplete ? "" : pids, index, backends }, incomplete, waitersNotResolved };
}

type Ask = StatementName | { readonly name: StatementName; readonly values: readonly (string | number | null)[] };

interface Answer {
  readonly rows: TextRow[];
}

/** Several statements in one message and one round trip; the rows of each by its name. */
async function roundTrip(
  client: Client,
  major: number,
  asks: readonly Ask[],
): Promise<Record<StatementName, TextRow[]>> {
  const texts: string[] = [];
  const names: StatementName[] = [];
  for (const ask of asks) {
    const name = typeof ask === "string" ? ask : ask.name;
    const text = bind(statement(name, major), typeof ask === "string" ? [] : ask.values);
    texts.push(text);
    // session.sql is several statements, and each one answers.
    for (let n = text.split(";").length; n > 0; n--) names.push(name);
  }
  // The driver's declarations know neither several answers nor rows of nothing but text.
  const ask = client.query.bind(client) as unknown as (config: object) => Promise<Answer | Answer[]>;
  const answer = await ask({ text: texts.join(";\n"), rowMode: "array", types: TEXT_ONLY, query_timeout: ANSWER_MS });
  const results = Array.isArray(answer) ? answer : [answer];
  return Object.fromEntries(results.map((result, i) => [names[i], result.rows])) as Record<StatementName, TextRow[]>;
}
