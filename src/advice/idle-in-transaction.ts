import { blocking } from "../analysis/blocking.ts";
import { isInTransaction } from "../analysis/states.ts";
import { transactionKind } from "../analysis/transaction-kind.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { duration, plural } from "../text/format.ts";
import { piles } from "./piles.ts";
import { heldBack, keptWords, rowPins } from "./pins.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule } from "./rule.ts";
import { sessions } from "./sources.ts";
import { end, setForRole } from "./steps.ts";
import { byApplication, sessionName, short, sizes, tallied } from "./words.ts";

export const idleInTransaction: Rule = {
  id: "idle-in-transaction",
  title: "transactions that somebody began and left: they hold back VACUUM, or somebody else",
  check(context) {
    const left = forgotten(context);
    const groups = byApplication(left);
    // Where everybody does it, one finding says so.
    if (groups.size > MOST_GROUPS) return [finding("", left, context)];
    return [...groups].map(([name, group]) => finding(name, group, context));
  },
};

const MOST_GROUPS = 4;
const TIMEOUT = "idle_in_transaction_session_timeout";

interface Forgotten extends Pick<Backend, "application" | "user"> {
  readonly backend: Backend;
  readonly seconds: number;
  readonly holds: "xid" | "snapshot" | "locks";
  /** Transactions since the oldest one that it keeps rows for. */
  readonly age: number | null;
  readonly blocks: number;
}

/**
 * The longest idle first. A transaction that only read, at READ COMMITTED, holds neither xid nor snapshot: nothing of it pins
 * VACUUM, and it is none of ours unless somebody waits for its locks. One that has failed holds nothing but its slot, unless it has
 * failed behind a savepoint.
 */
function forgotten({ sample, ages }: Context): Forgotten[] {
  const explained = new Set(piles(sample).flatMap(({ roots }) => roots));
  const { blocks } = blocking(sample);
  return sessions(sample)
    .filter(isInTransaction)
    .flatMap((backend): Forgotten[] => {
      const kind = transactionKind(backend);
      if (kind === null || kind === "nothing" || explained.has(backend)) return [];
      const seconds = secondsSince(backend.stateChangeSeconds, sample);
      if (seconds === null || seconds < ages.idleInTransaction) return [];
      const holds = kind === "holds-xid" ? "xid" : kind === "holds-snapshot" ? "snapshot" : "locks";
      const behind = blocks.get(backend.pid) ?? 0;
      if (holds === "locks" && behind === 0) return [];
      const { application, user } = backend;
      return [{ backend, application, user, seconds, holds, age: heldBack(backend, sample), blocks: behind }];
    })
    .sort((a, b) => b.blocks - a.blocks || b.seconds - a.seconds);
}

function finding(name: string, group: readonly Forgotten[], { sample }: Context): Finding {
  const [worst] = group as readonly [Forgotten, ...Forgotten[]];
  const roles = [...new Set(group.flatMap(({ backend }) => backend.user ?? []))];
  return {
    id: idleInTransaction.id,
    about: name,
    severity: "warning",
    title: group.length === 1 ? titleOfOne(worst, sample) : titleOfMany(name, group, sample),
    evidence: evidence(group, sample),
    next: [
      ...group
        .slice(0, 3)
        .map(({ backend }) =>
          end("terminate", backend, `terminate ${sessionName(backend)}: its transaction rolls back`),
        ),
      { text: "have the application commit or roll back before it waits for anything else" },
      ...roles
        .slice(0, 3)
        .map((role) =>
          setForRole(role, TIMEOUT, "5min", "let the server end it next time; for sessions opened from then on"),
        ),
    ],
    avoid: ["do not cancel: no query is running, so a cancel does nothing"],
    sessions: group.slice(0, MOST_SESSIONS).map(({ backend }) => backend),
  };
}

function titleOfOne({ backend, seconds, holds, blocks }: Forgotten, { server }: Sample): string {
  const behind = blocks > 0 ? `, ${plural(blocks, "session")} behind it` : "";
  return `${sessionName(backend)} has been idle in transaction for ${duration(seconds)}${behind}: it ${holds === "snapshot" && server.role === "standby" ? ON_STANDBY : HOLDS[holds]}`;
}

function titleOfMany(name: string, group: readonly Forgotten[], { server }: Sample): string {
  const oldest = group.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  const pinning = group.filter(({ holds }) => holds !== "locks").length;
  const of = name === "" ? "" : ` of ${name}`;
  const what =
    pinning === 0
      ? "others wait for them"
      : `${pinning} of them ${server.role === "standby" ? "may hold back VACUUM on the primary" : "hold back VACUUM"}`;
  return `${group.length} sessions${of} are idle in transaction, one of them for ${duration(oldest)}: ${what}`;
}

const HOLDS: Readonly<Record<Forgotten["holds"], string>> = {
  xid: "has a transaction id and holds back VACUUM",
  snapshot: "holds a snapshot, which holds back VACUUM",
  locks: "holds locks, and does not hold back VACUUM",
};

/** By hot_standby_feedback, if it is on; else replay waits for it, and cancels it in the end. */
const ON_STANDBY = "holds a snapshot, which may hold back VACUUM on the primary";

function evidence(group: readonly Forgotten[], sample: Sample): string[] {
  const number = (holds: Forgotten["holds"]): number => group.filter((one) => one.holds === holds).length;
  const kinds = [
    [number("xid"), "with a transaction id (it has written, or locked rows)"],
    [number("snapshot"), "with a snapshot alone (repeatable read, or an open cursor)"],
    [number("locks"), "with locks alone, which pins nothing"],
  ] as const;
  const said = [kinds.flatMap(([n, words]) => (n === 0 ? [] : [`${n} ${words}`])).join(", ")];
  const oldest = group.reduce<number | null>((most, { age }) => (age === null ? most : Math.max(most ?? 0, age)), null);
  if (oldest !== null) {
    const isOldest = (rowPins(sample)[0]?.xidAge ?? 0) <= oldest;
    said.push(`${keptWords(oldest, sample)}${isOldest ? ": nothing holds VACUUM back further" : ""}`);
  }
  const waiting = group.reduce((total, { blocks }) => total + blocks, 0);
  if (waiting > 0) said.push(`${plural(waiting, "session waits", "sessions wait")} for their locks`);
  if (group.length > 1) said.push(`by application: ${tallied(sizes(byApplication(group)))}`);
  const [{ backend }] = group as readonly [Forgotten, ...Forgotten[]];
  if (backend.query !== "") said.push(`the last query of ${backend.pid}: ${short(backend.query, 120)}`);
  return said;
}
