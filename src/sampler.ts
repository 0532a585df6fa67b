import { betterLane } from "./better-lane.ts";
import type { Order } from "./model/action.ts";
import type { Lane } from "./model/lane.ts";
import type { Sample } from "./model/reading.ts";
import { NOTHING_WATCHED, type Watch } from "./model/watch.ts";
import { pace } from "./pace.ts";
import { questions, type Questions } from "./questions.ts";
import { jittered, retrySeconds } from "./retry.ts";
import { NotSentError } from "./source/not-sent-error.ts";
import type { Message } from "./state/message.ts";
import { ENTERING, type Entry } from "./state/state.ts";
import type { NotIn, Opened } from "./way-in.ts";

export interface SamplerOptions {
  readonly intervalSeconds: number;
  /** Connects anew by whichever lane is open; rejects when none is. `mayAsk`: somebody sits there who wants to be asked. */
  readonly open: (mayAsk: boolean) => Promise<Opened>;
  /** Connects by a lane above this one; rejects while they are closed. Null: the lane was chosen, and stays. */
  readonly better: ((than: Lane) => Promise<Opened>) | null;
  /** What a rejection of these two means. */
  readonly notIn: (error: unknown) => NotIn;
  /** Puts what broke into one sentence. */
  readonly explain: (error: unknown, doing: "sample" | "order") => string;
  readonly emit: (message: Message) => void;
  /** Full stories of failures, for the log. */
  readonly log: (sentence: string, error: unknown) => void;
}

export interface Sampler extends Questions {
  /** With a way in, or with the reason why there is none yet. */
  start(first: Opened | { readonly failed: unknown }): void;
  setInterval(seconds: number): void;
  /** What samples have beside what every sample has, from the next one on. */
  watch(watch: Watch): void;
  /** Samples now, and for so many seconds more often than the interval says, as far as the server can afford it. */
  hurry(seconds: number): void;
  /** Sends an order, once and now or never: without a connection it is not kept for later. */
  signal(order: Order): void;
  /** Tries to get in at once, or into a better lane; whoever wishes to get in may be asked for a password. */
  enter(): void;
  /** Nothing is asked until afresh(), and what is under way is not shown. */
  hold(): void;
  /** We stood still for a while: an answer that is under way is about the past, and the next sample is due now. */
  afresh(): void;
  stop(): void;
}

const FIRST_SECONDS = 1;

/** The longest that a timer can wait; afresh() comes before. */
const LONGEST_MS = 2 ** 31 - 1;

const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * The one loop: a sample, a pause, a sample. The next one begins after the last one ended, so polls cannot pile up. A failure is a
 * gap with its reason, and then the connection is made anew, again and again, a while later each time. Sampling that keeps the
 * server busy for more than a tenth of the interval makes the interval longer, and says so.
 *
 * By another lane than the normal one it goes on in the same way, and leaves that lane as soon as a better one is open: the new
 * connection stands before the old one is given up.
 */
export function sampler(options: SamplerOptions): Sampler {
  const { emit, explain, notIn, open, log } = options;
  const rhythm = pace(options.intervalSeconds);
  let opened: Opened | null = null;
  let stopped = false;
  /** In a row: samples that failed, and tries to connect among them. */
  let failures = 0;
  let tries = 0;
  /** What an idle connection said when it broke: what the driver says of it later tells less. */
  let lostBy: Error | null = null;
  let wake: (() => void) | null = null;
  /** Counts the times that we stood still: what was asked for in another era is not shown any more. */
  let era = 0;
  let held = false;
  let mayAsk = false;
  let ordersUnderWay = 0;
  let pictured = false;
  let watched = NOTHING_WATCHED;
  const better = betterLane({
    open: options.better,
    onOpen: () => wake?.(),
    onClosed(error) {
      log("no better lane", error);
      const { closed, lastPlace } = notIn(error);
      // Those that were not tried again are as closed as before.
      const others = entry.closed.filter(({ lane }) => !closed.some((one) => one.lane === lane));
      tell({ closed: [...closed, ...others], lastPlace });
    },
  });

  async function run(): Promise<void> {
    while (!stopped) {
      while (held) await sleep(LONGEST_MS);
      if (stopped) return;
      const began = performance.now();
      const asked = era;
      let sample: Sample | null = null;
      try {
        if (opened === null) await enter();
        else changeLane();
        sample = await opened!.source.read({ brief: !pictured, ...watched });
      } catch (error) {
        if (asked !== era) drop(error);
        else if (!stopped) failed(error);
      }
      if (stopped) return;
      if (asked !== era) continue;
      // Outside of the try: a bug in what a reading sets off must not pass for a lost connection.
      if (sample !== null) {
        failures = 0;
        tries = 0;
        emit({ kind: "reading", reading: sample, at: sample.takenAt });
        const actual = rhythm.spent(sample);
        if (actual !== null) emit({ kind: "interval", actual, at: Date.now() });
        better.look(sample);
        // What the first picture has left out, so that nobody waited for it, is not left out for long.
        const pause = pictured ? rhythm.untilNext(sample) : Math.min(FIRST_SECONDS, rhythm.untilNext(sample));
        pictured = true;
        await sleep(pause * 1000 - (performance.now() - began));
      } else await sleep(retryAt - Date.now());
    }
  }

  async function enter(): Promise<void> {
    const ask = mayAsk;
    mayAsk = false;
    // The lane that broke was about to be left for this one.
    const found = better.take();
    if (found !== null) return attach(found);
    if (failures > 0) tell({ retry: { tries: tries + 1, at: null } });
    const next = await open(ask);
    // Opened for nobody, if we have been told to stop meanwhile.
    if (stopped) return next.source.close();
    attach(next);
  }

  function attach(next: Opened): void {
    opened = next;
    lostBy = null;
    better.from(next);
    tell({ closed: next.closed, lastPlace: next.lastPlace, retry: null });
    next.onLost((error) => {
      // An idle connection that breaks is noticed at once, not with the next sample.
      if (opened !== next || stopped) return;
      log("connection lost", error);
      lostBy = error;
      wake?.();
    });
  }

  let entry: Entry = ENTERING;
  function tell(changed: Partial<Entry>): void {
    entry = { ...entry, ...changed };
    emit({ kind: "entry", entry, at: Date.now() });
  }

  /** When the next try is due, on our clock. */
  let retryAt = 0;

  function failed(error: unknown): void {
    failures++;
    const connecting = opened === null;
    if (connecting) tries++;
    const why = connecting ? notIn(error) : null;
    const reason = why?.reason ?? explain(lostBy ?? error, "sample");
    log("no sample", error);
    // The server cancelled our statement: the connection is as good as before.
    if ((error as { code?: string }).code !== "57014") {
      opened?.source.close();
      opened = null;
    }
    const at = Date.now();
    const pause = jittered(retrySeconds(Math.max(1, tries), why?.wrongPassword ?? false)) * 1000;
    retryAt = better.isOpen() ? at : at + pause;
    emit({ kind: "reading", reading: { kind: "gap", takenAt: at, reason }, at });
    tell({
      closed: why?.closed ?? [],
      lastPlace: why?.lastPlace ?? false,
      retry: { tries: tries + 1, at: retryAt },
    });
  }

  /** It was not the server that was late: no gap of its own, but the connection has been given up by the driver. */
  function drop(error: unknown): void {
    log("no sample, having stood still", error);
    opened?.source.close();
    opened = null;
  }

  /** A better lane is open: from now on that one. Not while an order is under way, whose answer would be lost. */
  function changeLane(): void {
    if (ordersUnderWay > 0) return;
    const next = better.take();
    if (next === null) return;
    opened?.source.close();
    attach(next);
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
    ...questions(() => opened?.source ?? null, emit, log),
    start(first) {
      if ("failed" in first) {
        failed(first.failed);
        void sleep(retryAt - Date.now()).then(run);
      } else {
        attach(first);
        void run();
      }
    },
    setInterval(seconds) {
      rhythm.set(seconds);
      if (opened !== null) wake?.();
    },
    watch(watch) {
      const more = (watch.workings && !watched.workings) || (watch.usage && !watched.usage);
      watched = watch;
      // Whoever has just begun to look does not wait for the interval to end.
      if (more && opened !== null) wake?.();
    },
    hurry(seconds) {
      rhythm.hurry(seconds);
      // Somebody who looks closely does not make a server come back sooner.
      if (opened !== null) wake?.();
    },
    signal(order) {
      const { id } = order;
      if (opened === null) {
        const reason = "there is no connection to the server";
        return emit({ kind: "unanswered", id, unknown: false, reason, at: Date.now() });
      }
      ordersUnderWay++;
      opened.source.signal(order).then(
        (answers) => {
          ordersUnderWay--;
          emit({ kind: "answered", id, answers, at: Date.now() });
        },
        (error: unknown) => {
          ordersUnderWay--;
          log("no answer to an order", error);
          // Nobody was signalled before the only one that is refused.
          const refused = order.targets.length === 1 && (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE;
          const unknown = !(error instanceof NotSentError) && !refused;
          const reason = error instanceof NotSentError ? error.message : explain(error, "order");
          emit({ kind: "unanswered", id, unknown, reason, at: Date.now() });
        },
      );
    },
    enter() {
      if (opened === null) mayAsk = true;
      // We are in: then what is wished for is a better lane.
      else better.wish();
      wake?.();
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
      better.stop();
      opened = null;
      wake?.();
    },
  };
}
