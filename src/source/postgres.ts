import type { Client } from "pg";
import type { Answers, Holdings, Order } from "../model/action.ts";
import type { Backend } from "../model/backend.ts";
import type { DeadTuples, Holdouts } from "../model/horizon.ts";
import type { Lane } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import type { Watch } from "../model/watch.ts";
import { closeLook } from "./close-look.ts";
import { decodeBackend, decodeServer, interner, sameServer } from "./decode.ts";
import { decodeDeadTuples } from "./decode-dead-tuples.ts";
import { decodeAges, decodeHoldouts } from "./decode-holdouts.ts";
import { decodeQueues } from "./decode-queues.ts";
import { decodeTuning } from "./decode-tuning.ts";
import { encodings, UTF8_EVERYWHERE, type Encodings } from "./encodings.ts";
import { asksOf, holdingsOf } from "./holdings.ts";
import { NOT_KNOWN, type Machine } from "./host/machine.ts";
import { ownServer, type OwnSession } from "./host/own-server.ts";
import { merge, type Known } from "./known-rows.ts";
import { NotSentError } from "./not-sent-error.ts";
import { answersOf, asked } from "./order.ts";
import { roundTrips, type Ask, type Rows } from "./round-trip.ts";
import { sampleAsks } from "./sample-asks.ts";
import { sameUnlessChanged } from "./same-unless-changed.ts";

/** One kept connection that is sampled, asked for details and given orders. */
export interface Source {
  /** One sample, in one round trip. Rejects when the server refuses or does not answer in time. */
  read(wishes?: Wishes): Promise<Sample>;
  /** The whole query text of one backend; null when it has ended. */
  wholeQuery(backend: Backend): Promise<{ readonly queryStartSeconds: number | null; readonly query: string } | null>;
  /** What this backend holds; null when it has ended. */
  holdings(backend: Backend): Promise<Holdings | null>;
  /** Tables of our database with the most dead rows. */
  deadTuples(): Promise<readonly DeadTuples[]>;
  /**
   * Signals the targets of an order, all in one statement, each of them only if it still is what was shown. Rejects with a
   * NotSentError when nothing left us: the order does not carry its phrase, or the connection is gone. Any other error may have come
   * after the signal.
   */
  signal(order: Order): Promise<Answers>;
  close(): void;
}

/** What a sample is to have beside what every sample has. */
export interface Wishes extends Partial<Omit<Watch, "usage">> {
  /**
   * Whoever waits for a first picture does not wait for what the next sample can tell: settings, ages, counters, who waits for
   * which lock.
   */
  readonly brief?: boolean;
  /** Complete: the memory of every process is measured for it, however long that takes. */
  readonly usage?: Watch["usage"] | "complete";
}

const SESSION_TRIES = 50;

/** A row may rest unchanged from this long before the last sample on: state_change is taken a moment before it is visible. */
const MARGIN_SECONDS = 2;
/** Settings, limits and rights, and every row whether it changed or not. */
const SLOW_SECONDS = 10;

export interface PostgresOptions {
  readonly client: Client;
  readonly major: number;
  readonly host: string;
  readonly port: number;
  readonly lane: Lane;
  /** Ends the connection so that the network does not deliver any more what it has not delivered yet. */
  readonly reset: () => void;
}

export function postgresSource({ client, major, host, port, lane, reset }: PostgresOptions): Source {
  const texts = interner();
  const queues = sameUnlessChanged(decodeQueues);
  const holdouts = sameUnlessChanged(decodeHoldouts);
  const close = closeLook(major);
  const here = ownServer(major);
  let heldOut: Holdouts = { prepared: [], slots: [] };
  let known: Known = { pids: "", index: new Map(), backends: [] };
  let server: Server | null = null;
  let written: Encodings = UTF8_EVERYWHERE;
  let busyMs = 0;
  let sessionSet = false;
  let line: Promise<unknown> = Promise.resolve();
  let lastSeconds = 0;
  let slowSeconds = 0;
  let open = true;
  let orderUnanswered = false;
  const lost = (): void => void (open = false);
  client.once("error", lost).once("end", lost);
  const roundTrip = roundTrips(client, major, () => {
    lost();
    reset();
  });

  /** One thing at a time on the one connection, in the order in which it was asked for. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = line.then(work);
    line = result.catch(() => undefined);
    return result;
  }

  /** Nothing is asked of the server before the session is our own: nobody else's search_path, timeouts and formats. */
  async function ownSession(): Promise<void> {
    for (let tries = 1; !sessionSet; tries++) {
      try {
        await roundTrip(["session"]);
        sessionSet = true;
      } catch (error) {
        // Our role may be set to a statement_timeout of a millisecond, and until we have set our own that one counts.
        if (!isCanceled(error) || tries === SESSION_TRIES) throw error;
      }
    }
  }

  async function read(wishes: Wishes): Promise<Sample> {
    try {
      return await sample(wishes);
    } catch (error) {
      if (!sessionSet && isCanceled(error)) await ownSession();
      else if (!close.blamed(error, lastSeconds)) throw error;
      return read(wishes);
    }
  }

  async function sample({ brief = false, workings = false, usage }: Wishes): Promise<Sample> {
    // 10 has one timer for all statements of a message: what our role is set to must be gone before the sample begins.
    if (major < 11) await ownSession();
    const asked = performance.now();
    const slow = server === null || lastSeconds - slowSeconds >= SLOW_SECONDS;
    const whole = !(brief && server === null);
    const rest = slow && whole;
    const usageRead = here.begin(usage, ourselves());
    const answers = await roundTrip(
      sampleAsks({
        sessionSet,
        since: slow ? null : lastSeconds - MARGIN_SECONDS,
        slow,
        rest,
        closeLook: close.asks({ serverSeconds: lastSeconds, slow, counters: rest, workings: workings && whole }),
        busyMs,
        backends: known.backends,
        holdouts: heldOut,
      }),
    );
    const answered = performance.now();
    sessionSet = true;
    const [serverSeconds, nextXid, pids] = answers.clock[0]! as [string, string, string | null];
    if (slow) {
      written = encodings(answers.server[0]!, answers.encodings);
      const fresh = serverOf(answers, { host, port, lane }, rest ? await machine(answers) : NOT_KNOWN, written);
      server = server !== null && sameServer(server, fresh) ? server : fresh;
    }
    const next = merge(known, pids ?? "", answers.activity, (row, before) =>
      decodeBackend(row, before, texts, written),
    );
    known = next.known;
    lastSeconds = Number(serverSeconds);
    // What a brief one has left out comes with the next.
    if (slow) slowSeconds = rest ? lastSeconds : 0;
    // A pid without a row: every row comes with the next sample.
    if (next.incomplete) slowSeconds = 0;
    if (answers.holdouts !== undefined) heldOut = holdouts(answers.holdouts, written);
    busyMs = Number(answers.cost[0]![0]) * 1000;
    const looked = close.taken(answers, written, lastSeconds);
    // A standby that was promoted meanwhile: what it is now comes with the next sample.
    if (server!.role === "standby" && looked.workings?.recovery === "none") slowSeconds = 0;
    const decodedMs = performance.now() - answered;
    const used = await usageRead(ourselves());
    return {
      kind: "sample",
      takenAt: Date.now(),
      costMs: performance.now() - asked,
      ownMs: decodedMs + (used?.busyMs ?? 0),
      serverMs: busyMs,
      serverSeconds: lastSeconds,
      nextXid: Number(BigInt(nextXid) % 4_294_967_296n),
      backends: known.backends,
      waitersNotResolved: next.waitersNotResolved,
      queues: queues(answers.queues ?? [], written),
      holdouts: heldOut,
      unfinished: NONE,
      ...looked,
      usage: used?.usage ?? null,
      server: server!,
    };
  }

  function ourselves(): OwnSession {
    const pid = server?.ownPid ?? null;
    const at = pid === null ? undefined : known.index.get(pid);
    return {
      own: at === undefined ? undefined : known.backends[at],
      pids: () => known.backends.map(({ pid }) => pid),
    };
  }

  /** Whether the server runs on this machine is told by our own backend, whose row every slow sample has. */
  function machine({ activity, server }: Rows): Promise<Machine> {
    const row = activity.find(([pid]) => pid === server[0]![5]);
    const own = row === undefined ? undefined : decodeBackend(row, undefined, texts, written);
    return here.machine({ own, pids: () => activity.map(([pid]) => Number(pid)) });
  }

  /** What is asked on demand, in its turn. */
  function onDemand(asks: readonly Ask[]): Promise<Rows> {
    return inTurn(async () => {
      await ownSession();
      return roundTrip(asks);
    });
  }

  async function signal(order: Order): Promise<Answers> {
    // Checked when its turn has come: what waited in line behind a connection that broke is not for the next one.
    if (!open) throw new NotSentError("the connection was lost before it could be sent");
    const ask = asked(order);
    await ownSession();
    orderUnanswered = true;
    try {
      return answersOf(order, (await roundTrip([ask])).signal);
    } finally {
      orderUnanswered = false;
    }
  }

  return {
    read: (wishes = {}) => inTurn(() => read(wishes)),
    async wholeQuery({ pid, backendStart, database }) {
      const answers = await onDemand([{ name: "query", values: [pid, backendStart] }]);
      const row = answers.query[0];
      return row === undefined
        ? null
        : { queryStartSeconds: row[0] == null ? null : Number(row[0]), query: written.query(row[1] ?? "", database) };
    },
    async holdings(backend) {
      return holdingsOf(backend, await onDemand(asksOf(backend)), written);
    },
    async deadTuples() {
      const answers = await onDemand(["dead-tuples"]);
      return decodeDeadTuples(answers["dead-tuples"], written);
    },
    signal: (order) => inTurn(() => signal(order)),
    close() {
      open = false;
      // A frozen network must not deliver an order when nobody watches any more what it does.
      if (orderUnanswered) return reset();
      // Goodbye if the server listens; a socket that hangs must not keep us.
      client.end().catch(() => undefined);
      const { stream } = (client as unknown as { connection: { stream: { destroy(): void; unref(): void } } })
        .connection;
      setTimeout(() => stream.destroy(), 200).unref();
      stream.unref();
    },
  };
}

const NONE: Sample["unfinished"] = [];

/** What the slow tier says. */
function serverOf(
  answers: Rows,
  place: Pick<Server, "host" | "port" | "lane">,
  machine: Machine,
  written: Encodings,
): Server {
  const fresh = decodeServer(answers.server[0]!, answers.limits, answers.roles, place, written);
  const us = { user: fresh.user, database: fresh.database! };
  if (answers.tuning === undefined) return fresh;
  return {
    ...fresh,
    tuning: decodeTuning(answers.tuning, answers.overrides, us, written, machine),
    databaseAges: decodeAges(answers.ages, written),
  };
}

/** By statement_timeout, or by somebody. */
function isCanceled(error: unknown): boolean {
  return (error as { code?: string }).code === "57014";
}
