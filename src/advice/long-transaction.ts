import { waitsForLock } from "../analysis/states.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { count, duration, span } from "../text/format.ts";
import { piles } from "./piles.ts";
import { heldBack, keptWords, rowPins } from "./pins.ts";
import { MOST_SESSIONS, type Context, type Rule, type Step } from "./rule.ts";
import { slowPiles } from "./slow-piles.ts";
import { sessions } from "./sources.ts";
import { end } from "./steps.ts";
import { are, sessionName, short, waitEventWords } from "./words.ts";

export const longTransaction: Rule = {
  id: "long-transaction",
  title: "transactions that have been at work for minutes, and hold back VACUUM meanwhile",
  check(context) {
    const { sample, ages } = context;
    const long = longOnes(context);
    const [oldest] = long;
    if (oldest === undefined) return [];
    const name = sessionName(oldest.backend);
    const title =
      long.length === 1
        ? `the transaction of ${name} has been running for ${duration(oldest.seconds)}`
        : `${long.length} transactions have been running for more than ${span(ages.longTransaction)}, the oldest, of ${name}, for ${duration(oldest.seconds)}`;
    return [
      {
        id: longTransaction.id,
        about: "",
        severity: "warning",
        title: title + (oldest.age === null ? "" : `, ${count(oldest.age)} transactions behind`),
        evidence: evidence(long, sample),
        next: steps(long),
        avoid: long.some(({ backend }) => isDump(backend))
          ? ["do not end a dump that is wanted: it has to begin anew"]
          : ["do not cancel what is nearly done: rolling back a large change takes long as well, and leaves dead rows"],
        sessions: long.slice(0, MOST_SESSIONS).map(({ backend }) => backend),
      },
    ];
  },
};

interface Long {
  readonly backend: Backend;
  readonly seconds: number;
  readonly age: number | null;
}

/** The oldest first. Whoever waits for a lock is held up by another one, and what other rules explain is not said twice. */
function longOnes({ sample, ages }: Context): Long[] {
  const explained = new Set([
    ...piles(sample).flatMap(({ roots }) => roots),
    ...slowPiles(sample, ages).flatMap(({ running }) => running.map(({ backend }) => backend)),
  ]);
  return sessions(sample)
    .filter((backend) => isAtWork(backend, sample, ages.idleInTransaction))
    .flatMap((backend): Long[] => {
      const seconds = secondsSince(backend.xactStartSeconds, sample);
      if (seconds === null || seconds < ages.longTransaction || explained.has(backend)) return [];
      return [{ backend, seconds, age: heldBack(backend, sample) }];
    })
    .sort((a, b) => b.seconds - a.seconds);
}

/** Between two of its statements a session is idle in transaction for an instant; beyond that it is another rule's. */
function isAtWork(backend: Backend, sample: Sample, idleAge: number): boolean {
  if (backend.state === "active") return !waitsForLock(backend);
  if (backend.state !== "idle in transaction") return false;
  const rested = secondsSince(backend.stateChangeSeconds, sample);
  return rested !== null && rested < idleAge && (backend.backendXid !== null || backend.backendXmin !== null);
}

function evidence(long: readonly Long[], sample: Sample): string[] {
  const [oldest] = long as readonly [Long, ...Long[]];
  const pin = rowPins(sample)[0];
  const holds = long.filter(({ age }) => age !== null);
  const most = holds.reduce((most, { age }) => Math.max(most, age!), 0);
  const isOldest = pin !== undefined && "backend" in pin && pin.backend === oldest.backend;
  return [
    ...long.slice(0, 3).map(({ backend, seconds }) => {
      return `${sessionName(backend)}, ${duration(seconds)}, waits for ${waitEventWords(backend)}: ${short(backend.query, 80)}`;
    }),
    holds.length === 0
      ? "no transaction id or snapshot is seen that would hold VACUUM back"
      : `${keptWords(most, sample)}${isOldest ? ": nothing holds VACUUM back further" : ""}`,
  ];
}

function steps(long: readonly Long[]): Step[] {
  const active = long.filter(({ backend }) => backend.state === "active").slice(0, 3);
  return [
    {
      text: `ask who runs ${long.length === 1 ? "it" : "them"} whether ${long.length === 1 ? "it" : "they"} ${are(long.length)} still wanted`,
    },
    ...active.map(({ backend }) => end("cancel", backend, `cancel the query of ${sessionName(backend)}`)),
    { text: "do long work in portions, each a transaction of its own; read reports from a standby" },
  ];
}

function isDump({ application }: Backend): boolean {
  return application !== null && /^pg_(?:dump|basebackup)/.test(application);
}
