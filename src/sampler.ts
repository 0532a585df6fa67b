import { affordableInterval, COSTS_KEPT } from "./analysis/interval.ts";
import type { Order } from "./model/action.ts";
import type { Backend } from "./model/backend.ts";
import type { Sample } from "./model/reading.ts";
import { NotSentError } from "./source/not-sent-error.ts";
import type { Source } from "./source/postgres.ts";
import type { Message } from "./state/message.ts";

/** A source, and the word when its connection is lost between two samples. */
export interface Opened {
  readonly source: Source;
  onLost(listener: (error: Error) => void): void;
}

export interface SamplerOptions {
  readonly intervalSeconds: number;
  /** Connects anew after a loss; rejects with the driver's error. */
  readonly open: () => Promise<Opened>;
  /** Puts an error into one sentence: we were not let in, or what stood broke. */
  readonly explain: (error: unknown, doing: "connect" | "sample" | "order") => string;
  readonly emit: (message: Message) => void;
  /** Full stories of failures, for the log. */
  readonly log: (sentence: string, error: unknown) => void;
}

export interface Sampler {
  start(first: Opened): void;
  setInterval(seconds: number): void;
  fetchQuery(backend: Backend): void;
  fetchHoldings(backend: Backend): void;
  /** Samples now, and for so many seconds more often than the interval says, as far as the server can afford it. */
  hurry(seconds: number): void;
  /** Sends an order, once and now or never: without a connection it is not kept for later. */
  signal(order: Order): void;
  /** Nothing is asked until afresh(), and what is under way is not shown. */
  hold(): void;
  /** We stood still for a while: an answer that is under way is about the past, and the next sample is due now. */
  afresh(): void;
  stop(): void;
}

/** The longest that a timer can wait; afresh() comes before. */
const LONGEST_MS = 2 ** 31 - 1;

/** In a hurry: what happens within the first second is seen in tenths of it. */
const HURRY_SECONDS = { first: 0.1, later: 0.5 };

const INSUFFICIENT_PRIVILEGE = "42501";

/** Seconds to wait before the next try to connect, by how many have failed. */
const RETRY_SECONDS = [1, 2, 4, 8, 10];

/**
 * The one loop: a sample, a pause, a sample. The next one begins after the last one ended, so polls cannot pile up. A failure is a
 * gap with its reason, and then the connection is made anew. Sampling that keeps the server busy for more than a tenth of the
 * interval makes the interval longer, and says so.
 */
export function sampler(options: SamplerOptions): Sampler {
  const { emit, explain, open, log } = options;
  let wanted = options.intervalSeconds;
  let actual = wanted;
  let opened: Opened | null = null;
  let stopped = false;
  let failures = 0;
  let wake: (() => void) | null = null;
  /** Counts the times that we stood still: what was asked for in another era is not shown any more. */
  let era = 0;
  let held = false;
  const costs: number[] = [];
  let hurry = { from: 0, until: 0 };

  async function run(): Promise<void> {
    while (!stopped) {
      while (held) await sleep(LONGEST_MS);
      if (stopped) return;
      const began = performance.now();
      const asked = era;
      let sample: Sample | null = null;
      try {
        if (opened === null) attach(await open());
        sample = await opened!.source.read();
      } catch (error) {
        if (asked !== era) drop(error);
        else if (!stopped) failed(error, opened === null ? "connect" : "sample");
      }
      if (stopped) return;
      if (asked !== era) continue;
      // Outside of the try: a bug in what a reading sets off must not pass for a lost connection.
      if (sample !== null) {
        failures = 0;
        emit({ kind: "reading", reading: sample, at: sample.takenAt });
        adapt(sample);
      }
      const pause = failures > 0 ? RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length) - 1]! : untilNext(sample);
      await sleep(pause * 1000 - (failures > 0 ? 0 : performance.now() - began));
    }
  }

  /** Seconds from the beginning of one sample to that of the next; a hurry too costs the server no more than a tenth of its time. */
  function untilNext(sample: Sample | null): number {
    const now = performance.now();
    if (now >= hurry.until) return actual;
    const wished = now - hurry.from < 1000 ? HURRY_SECONDS.first : HURRY_SECONDS.later;
    return Math.min(actual, Math.max(wished, (sample?.serverMs ?? 0) / 100));
  }

  function attach(next: Opened): void {
    opened = next;
    next.onLost((error) => {
      // An idle connection that breaks is noticed at once, not with the next sample.
      if (opened !== next || stopped) return;
      log("connection lost", error);
      wake?.();
    });
  }

  function failed(error: unknown, doing: "connect" | "sample"): void {
    failures++;
    const reason = explain(error, doing);
    log("no sample", error);
    // The server cancelled our statement: the connection is as good as before.
    if ((error as { code?: string }).code !== "57014") {
      opened?.source.close();
      opened = null;
    }
    const at = Date.now();
    emit({ kind: "reading", reading: { kind: "gap", takenAt: at, reason }, at });
  }

  /** It was not the server that was late: no gap of its own, but the connection has been given up by the driver. */
  function drop(error: unknown): void {
    log("no sample, having stood still", error);
    opened?.source.close();
    opened = null;
  }

  function adapt(sample: Sample): void {
    costs.push(sample.serverMs);
    if (costs.length > COSTS_KEPT) costs.shift();
    const affordable = affordableInterval(wanted, costs);
    if (affordable === actual) return;
    actual = affordable;
    emit({ kind: "interval", actual, at: Date.now() });
  }

  function sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = done;
    });
  }

  return {
    start(first) {
      attach(first);
      void run();
    },
    setInterval(seconds) {
      wanted = seconds;
      actual = seconds;
      costs.length = 0;
      wake?.();
    },
    fetchQuery(backend) {
      const answer = (query: string | null, queryStartSeconds: number | null): void => {
        emit({
          kind: "query",
          detail: { key: backend.key, queryStartSeconds, query },
          at: Date.now(),
        });
      };
      opened?.source.wholeQuery(backend).then(
        (whole) => answer(whole?.query ?? null, whole?.queryStartSeconds ?? backend.queryStartSeconds),
        (error: unknown) => log("no query text", error),
      );
    },
    fetchHoldings(backend) {
      opened?.source.holdings(backend).then(
        (holdings) => emit({ kind: "holdings", key: backend.key, holdings, at: Date.now() }),
        (error: unknown) => {
          log("no holdings", error);
          emit({ kind: "holdings", key: backend.key, holdings: null, at: Date.now() });
        },
      );
    },
    hurry(seconds) {
      const now = performance.now();
      hurry = { from: now, until: Math.max(hurry.until, now + seconds * 1000) };
      wake?.();
    },
    signal(order) {
      const { id } = order;
      if (opened === null) {
        const reason = "there is no connection to the server";
        return emit({ kind: "unanswered", id, unknown: false, reason, at: Date.now() });
      }
      opened.source.signal(order).then(
        (answers) => emit({ kind: "answered", id, answers, at: Date.now() }),
        (error: unknown) => {
          log("no answer to an order", error);
          // Nobody was signalled before the only one that is refused.
          const refused = order.targets.length === 1 && (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE;
          const unknown = !(error instanceof NotSentError) && !refused;
          const reason = error instanceof NotSentError ? error.message : explain(error, "order");
          emit({ kind: "unanswered", id, unknown, reason, at: Date.now() });
        },
      );
    },
    hold() {
      era++;
      held = true;
    },
    afresh() {
      era++;
      held = false;
      wake?.();
    },
    stop() {
      stopped = true;
      opened?.source.close();
      opened = null;
      wake?.();
    },
  };
}
