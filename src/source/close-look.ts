import type { Counters } from "../model/counters.ts";
import type { Sample } from "../model/reading.ts";
import { CANCELED, LOCKED, NOTHING_REFUSED, type CloseLookStatement, type Refusal } from "../model/refusal.ts";
import { MOST_FILES_COUNTED } from "../model/workings.ts";
import type { TextRow } from "./decode.ts";
import { decodeCounters, filesBehind } from "./decode-counters.ts";
import { decodeWorkings } from "./decode-workings.ts";
import type { Encodings } from "./encodings.ts";
import { isStatementError, type StatementError } from "./failed-statement.ts";
import type { Rows } from "./round-trip.ts";
import { hasFile } from "./statement.ts";

/** Counters and workings: when which statement is asked, and what has been read of them. */
export interface CloseLook {
  asks(occasion: Occasion): readonly CloseLookStatement[];
  /** What the sample of this instant is given of the answers. */
  taken(answers: Partial<Rows>, encodings: Encodings, serverSeconds: number): Told;
  /**
   * A message failed. True: we had asked for more than a sample needs, and do without that for a while. One error loses the whole
   * message, and a server may refuse what others tell: views that were taken from everybody, functions that a fork does not have, a
   * collector of statistics that hangs. What failed is left out and the rest goes on, but for a time-out, which each of them might
   * have us wait for once more.
   */
  blamed(error: unknown, serverSeconds: number): boolean;
}

type Told = Pick<Sample, "counters" | "workings" | "refused">;

export interface Occasion {
  /** 0 before the first sample. */
  readonly serverSeconds: number;
  /** Settings, limits and rights are read as well. */
  readonly slow: boolean;
  readonly counters: boolean;
  readonly workings: boolean;
}

export function closeLook(major: number): CloseLook {
  let counters: Counters | null = null;
  let walFilesToArchive: number | null = null;
  /** As the counters have it; null: they do not tell. */
  let filesBehindArchive: number | null = null;
  let countedSeconds = 0;
  let may: May = NOTHING;
  let looks = false;
  let asked: readonly CloseLookStatement[] = [];
  let refused = NOTHING_REFUSED;

  function asksOf({ serverSeconds, slow, ...wished }: Occasion): readonly CloseLookStatement[] {
    const names: readonly CloseLookStatement[] = [
      ...(wished.counters || wished.workings ? (["counters"] as const) : []),
      ...(wished.workings ? WORKINGS : []),
      ...(wished.workings && may.listArchiveStatus && isTimeToCount(serverSeconds, slow)
        ? (["to-archive"] as const)
        : []),
      ...(wished.workings && may.getAios ? (["io-under-way"] as const) : []),
    ];
    const rests = new Set(refused.filter((one) => serverSeconds < one.untilSeconds).map(({ statement }) => statement));
    return names.filter((name) => hasFile(name, major) && !rests.has(name));
  }

  /** Each file is looked at, 100,000 of them for a second: the more there are, the more seldom, and too many never. */
  function isTimeToCount(serverSeconds: number, slow: boolean): boolean {
    if ((filesBehindArchive ?? 0) > MOST_FILES_COUNTED) return false;
    if (walFilesToArchive === null) return true;
    return slow && serverSeconds - countedSeconds >= walFilesToArchive / FILES_PER_SECOND;
  }

  /** The same array for as long as nothing changes: history has it in each of its samples. */
  function stillRefused(answers: Partial<Rows>, serverSeconds: number): readonly Refusal[] {
    const dated = refused.map((one) => (one.untilSeconds > PAUSE_SECONDS ? one : from(one, serverSeconds)));
    // Counters are known to be refused until they come; of the others nobody knows when nobody asks.
    const still = dated.filter(
      ({ statement, untilSeconds }) =>
        answers[statement] === undefined && (statement === "counters" || serverSeconds < untilSeconds),
    );
    if (still.length === 0) return NOTHING_REFUSED;
    return still.length === refused.length && still.every((one, i) => one === refused[i]) ? refused : still;
  }

  return {
    asks(occasion) {
      looks = occasion.workings;
      asked = asksOf(occasion);
      if (asked.includes("to-archive")) countedSeconds = occasion.serverSeconds;
      return asked;
    },
    taken(answers, encodings, serverSeconds) {
      if (answers.server !== undefined) may = mayOf(answers.server[0]!);
      refused = stillRefused(answers, serverSeconds);
      const [row] = answers.counters ?? [];
      if (row !== undefined) [counters, filesBehindArchive] = [decodeCounters(row), filesBehind(row)];
      const counted = answers["to-archive"]?.[0]?.[0];
      if (counted != null) walFilesToArchive = Number(counted);
      // Whoever looks again has it read anew.
      else if (!looks || !may.listArchiveStatus || (filesBehindArchive ?? 0) > MOST_FILES_COUNTED)
        walFilesToArchive = null;
      return { counters, workings: looks ? decodeWorkings(answers, walFilesToArchive, encodings) : null, refused };
    },
    blamed(error, serverSeconds) {
      if (!isStatementError(error) || ENDS_SESSION.test(error.code)) return false;
      const culprits = culpritsOf(error, asked);
      if (culprits.length === 0) return false;
      const untilSeconds = serverSeconds + (error.code === LOCKED ? LOCKED_SECONDS : PAUSE_SECONDS);
      refused = [
        ...refused.filter(({ statement }) => !culprits.includes(statement)),
        ...culprits.map((statement) => ({
          ...{ statement, sqlstate: error.code, message: error.message, untilSeconds },
        })),
      ];
      if (culprits.includes("counters")) [counters, filesBehindArchive] = [null, null];
      if (culprits.includes("to-archive")) walFilesToArchive = null;
      return true;
    },
  };
}

/**
 * What goes without being asked for a while. Where it cannot be told what failed, first what single processes are at: findings need
 * the counters, which go only when they fail by themselves.
 */
function culpritsOf(
  { code, statement }: StatementError,
  asked: readonly CloseLookStatement[],
): readonly CloseLookStatement[] {
  if (code === CANCELED) return asked;
  if (statement !== null) return asked.filter((name) => name === statement);
  return asked.every((name) => name === "counters") ? asked : asked.filter((name) => name !== "counters");
}

/** A pause that began before the server's clock was known. */
function from(refusal: Refusal, serverSeconds: number): Refusal {
  return { ...refusal, untilSeconds: refusal.untilSeconds + serverSeconds };
}

/** A broken protocol, a shutdown or an order of an administrator, and the time-outs that end a session. */
const ENDS_SESSION = /^(?:08|57P|25P0[34])/;

/** Functions that not every role may call, by the last columns of server.sql. */
interface May {
  readonly listArchiveStatus: boolean;
  readonly getAios: boolean;
}

const NOTHING: May = { listArchiveStatus: false, getAios: false };

function mayOf(row: TextRow): May {
  return { listArchiveStatus: row[19] === "t", getAios: row[20] === "t" };
}

const WORKINGS = ["standbys", "recovery", "subscriptions", "progress", "io"] as const;

/** Each message that fails is a line of the server's log, with all its text. */
const PAUSE_SECONDS = 300;
const LOCKED_SECONDS = 15;

const FILES_PER_SECOND = 1000;
