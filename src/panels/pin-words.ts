import { keepsRowsOf, pins, type Pin } from "../analysis/horizon.ts";
import { inTransactionBlock } from "../analysis/transaction-block.ts";
import { isInTransaction } from "../analysis/states.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { PinRow } from "../state/pin-rows.ts";
import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { count, duration } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { line, toned, type Line, type Tone } from "./line.ts";
import { backendName, heldBy } from "./pin-names.ts";
import { FULL, preparedPinWords, slotPinWords, type PinWords } from "./slot-pin-words.ts";

/** The selected row in sentences, as many lines as they take. */
export function aboutPin(row: PinRow, sample: Sample, width: number): Line[] {
  if (row.kind === "title") return sentences([["normal", "", BELIEF]], width);
  if (row.kind === "harmless") return sentences([["normal", "", harmlessWords(row)]], width);
  const { what, keeps, releases, avoid } = pinWords(row.pin, sample);
  return sentences(
    [
      ["title", "", what],
      ["waiting", "keeps ", keeps],
      ["ok", "released by ", releases],
      ["warn", "not by ", avoid],
    ],
    width,
  );
}

type Sentence = readonly [tone: Tone, head: string, text: string];

/** Each one begins a line; its head in its tone, and all of it where it has none. */
function sentences(said: readonly Sentence[], width: number): Line[] {
  return said.flatMap(([tone, head, text]) =>
    wrap([clean(head + text)], Math.max(20, width)).map((piece, i) => {
      if (head === "") return line(toned(tone, piece));
      return i === 0 ? line(toned(tone, head), piece.slice(head.length)) : line(piece);
    }),
  );
}

function pinWords(pin: Pin, sample: Sample): PinWords {
  if (pin.kind === "slot") return slotPinWords(pin);
  if (pin.kind === "prepared") return preparedPinWords(pin, keptWords(pin, sample));
  if (pin.kind === "feedback") return feedbackWords(pin, sample);
  return {
    what: `${backendName(pin.backend)}: ${pin.kind === "xid" ? xidWords(pin) : snapshotWords(pin, sample)}`,
    keeps: `${keptWords(pin, sample)}${pin.sure ? "" : UNSURE}`,
    releases: releaseWords(pin.backend, pin.kind),
    avoid: FULL,
  };
}

const UNSURE = "; nothing while it runs a plain VACUUM, which cannot be told from here";

function xidWords({ backend, seconds }: SessionPin): string {
  const open =
    seconds === null ? "a transaction of unknown age" : `its transaction has been open for ${duration(seconds)} and`;
  return `${open} has written, locked rows or asked for its id (xid ${backend.backendXid})`;
}

type SessionPin = Pin & { readonly backend: Backend };

function snapshotWords(pin: SessionPin, sample: Sample): string {
  const { backend, xidAge } = pin;
  const why = isInTransaction(backend)
    ? "an open cursor, or REPEATABLE READ or SERIALIZABLE"
    : backend.state === "active"
      ? "its query is running"
      : "it has one open";
  const cause = olderCause(pin, sample);
  const because = cause === null ? "" : `; so old because ${heldBy(cause)} was open when it was taken`;
  return `a snapshot of ${count(xidAge)} transactions ago: ${why}${because}`;
}

/** Whose xid a snapshot has for its oldest: it does not get younger when that one ends. */
function olderCause({ backend }: SessionPin, sample: Sample): Pin | null {
  const others = pins(sample)?.all ?? [];
  const xmin = backend.backendXmin;
  return (
    others.find(
      (other) =>
        (other.kind === "xid" && other.backend !== backend && other.backend.backendXid === xmin) ||
        (other.kind === "prepared" && other.prepared.xid === xmin),
    ) ?? null
  );
}

function keptWords(pin: Pin, sample: Sample): string {
  if (sample.server.role === "standby") return KEPT_BY_STANDBY;
  const ours = sample.server.database;
  const where = pin.database === null ? "all databases" : identifier(pin.database);
  const rows = `every row of ${where} that has died since, in all tables, and of the shared catalogs`;
  if (pin.database === null || keepsRowsOf(pin, ours)) return rows;
  const here = identifier(ours ?? "");
  // Measured on 10 to 18: a snapshot counts the open transactions of all databases.
  const through =
    pin.kind === "xid" || pin.kind === "prepared"
      ? `: in ${here} through others alone, as any snapshot that is taken here meanwhile is as old`
      : `: nothing of ${here}'s own tables`;
  return rows + through;
}

/** VACUUM runs on the primary, and replay of what it has removed waits for the queries here. */
const KEPT_BY_STANDBY =
  "on the primary, if hot_standby_feedback is on here, every row that dies meanwhile, in all databases; if it is off, replay waits " +
  "for it as long as max_standby_streaming_delay says, and then cancels it";

function releaseWords(backend: Backend, kind: Pin["kind"]): string {
  const { state, backendType } = backend;
  if (state === null) return "the end of its transaction; what it does is hidden from our role";
  if (isInTransaction(backend))
    return "COMMIT or ROLLBACK of its client, or x, which ends the session; c does nothing, no query is running";
  if (backendType !== "client backend") return "the end of its work; c and x end it before, and it may begin anew";
  if (state !== "active") return "the end of its transaction, or x, which ends the session";
  if (!inTransactionBlock(backend)) return "the end of its query, or c, which cancels it";
  if (kind === "xid") return "COMMIT or ROLLBACK; c cancels its query, which fails the transaction; x ends the session";
  return "the end of its query, of its transaction where that is REPEATABLE READ; or c, which cancels the query";
}

function feedbackWords(pin: SessionPin, sample: Sample): PinWords {
  const from = pin.backend.clientAddress ?? "an address that is not told";
  return {
    what: `${backendName(pin.backend)}: the standby at ${from} tells by hot_standby_feedback what its queries need`,
    keeps: keptWords(pin, sample),
    releases: `the end of the oldest query there; or hot_standby_feedback = off there, and then long queries there may be cancelled`,
    avoid: `x: the standby connects again; nor by ${FULL}`,
  };
}

const BELIEF =
  "It is widely held that every session that is idle in transaction keeps VACUUM from its work. Only those do that hold an xid " +
  "(they have written or locked rows) or a snapshot (an open cursor; REPEATABLE READ or SERIALIZABLE after the first query). These here " +
  "hold neither.";

function harmlessWords({ backend, transaction }: PinRow & { readonly kind: "harmless" }): string {
  const name = backendName(backend);
  if (transaction === "nothing") {
    return `${name}: its transaction has failed: its locks, xid and snapshot are gone, and VACUUM does not wait for it. It takes a connection slot until its client says ROLLBACK, or x.`;
  }
  const failed =
    backend.state === "idle in transaction (aborted)"
      ? " It has failed after a SAVEPOINT alone: what was locked before that is still locked."
      : "";
  return (
    `${name}: holds neither xid nor snapshot, and VACUUM does not wait for it.${failed} The locks that its statements took, if any, it keeps ` +
    "until COMMIT or ROLLBACK: ALTER TABLE, TRUNCATE, VACUUM FULL and whoever queues behind them wait for these. And it takes a connection slot."
  );
}
