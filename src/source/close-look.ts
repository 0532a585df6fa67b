import type { Counters } from "../model/counters.ts";
import type { Sample } from "../model/reading.ts";
import type { TextRow } from "./decode.ts";
import { decodeCounters, filesBehind } from "./decode-counters.ts";
import { decodeWorkings } from "./decode-workings.ts";
import type { Encodings } from "./encodings.ts";
import type { Rows } from "./round-trip.ts";
import { hasFile, type StatementName } from "./statement.ts";

/** Counters and workings: when which statement is asked, and what has been read of them. */
export interface CloseLook {
  asks(occasion: Occasion): readonly StatementName[];
  /** What the sample is given of the answers. */
  taken(answers: Partial<Rows>, encodings: Encodings): Pick<Sample, "counters" | "workings">;
  /**
   * A message failed. True: we had asked for more than a sample needs, and do without for a while. One error loses the whole
   * message, and a server may refuse what others tell: views that were taken from everybody, functions that a fork does not have, a
   * collector of statistics that hangs. Findings need the counters: they go with the rest where a time-out would be waited for once
   * more, else only when they fail by themselves.
   */
  blamed(error: unknown, serverSeconds: number): boolean;
}

export interface Occasion {
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
  let asked: readonly StatementName[] = [];
  const notBeforeSeconds = { counters: 0, workings: 0 };

  function asksOf({ serverSeconds, slow, ...wished }: Occasion): readonly StatementName[] {
    const counters = (wished.counters || wished.workings) && serverSeconds >= notBeforeSeconds.counters;
    const workings = wished.workings && serverSeconds >= notBeforeSeconds.workings;
    const names: readonly StatementName[] = [
      ...(counters ? (["counters"] as const) : []),
      ...(workings ? WORKINGS : []),
      ...(workings && may.listArchiveStatus && isTimeToCount(serverSeconds, slow) ? (["to-archive"] as const) : []),
      ...(workings && may.getAios ? (["io-under-way"] as const) : []),
    ];
    return names.filter((name) => hasFile(name, major));
  }

  /** Each file is looked at, 100,000 of them for a second: the more there are, the more seldom, and too many never. */
  function isTimeToCount(serverSeconds: number, slow: boolean): boolean {
    if ((filesBehindArchive ?? 0) > MOST_FILES) return false;
    if (walFilesToArchive === null) return true;
    return slow && serverSeconds - countedSeconds >= walFilesToArchive / FILES_PER_SECOND;
  }

  return {
    asks(occasion) {
      asked = asksOf(occasion);
      if (asked.includes("to-archive")) countedSeconds = occasion.serverSeconds;
      return asked;
    },
    taken(answers, encodings) {
      if (answers.server !== undefined) may = mayOf(answers.server[0]!);
      const [row] = answers.counters ?? [];
      if (row !== undefined) [counters, filesBehindArchive] = [decodeCounters(row), filesBehind(row)];
      const { standbys, recovery, subscriptions, progress } = answers;
      const looked = standbys && recovery && subscriptions && progress;
      if (!looked) {
        // Whoever looks again has it read anew.
        walFilesToArchive = null;
        return { counters, workings: null };
      }
      const counted = answers["to-archive"]?.[0]?.[0];
      if (counted != null) walFilesToArchive = Number(counted);
      else if (!may.listArchiveStatus || (filesBehindArchive ?? 0) > MOST_FILES) walFilesToArchive = null;
      const rows = { ...answers, standbys, recovery, subscriptions, progress };
      return { counters, workings: decodeWorkings(rows, walFilesToArchive, encodings) };
    },
    blamed(error, serverSeconds) {
      if (asked.length === 0 || !goesOnAfter(error)) return false;
      const until = serverSeconds + (isLocked(error) ? LOCKED_SECONDS : PAUSE_SECONDS);
      const byThemselves = asked.every((name) => name === "counters");
      if (!byThemselves) notBeforeSeconds.workings = until;
      if (byThemselves || (error as { code?: string }).code === TIMED_OUT) {
        notBeforeSeconds.counters = until;
        [counters, filesBehindArchive] = [null, null];
      }
      return true;
    },
  };
}

/** Whether the session is still there: told by SQLSTATE, since ERROR and FATAL come in the server's language. */
function goesOnAfter(error: unknown): boolean {
  const { code, severity } = error as { code?: string; severity?: string };
  return severity !== undefined && code !== undefined && !ENDS_SESSION.test(code);
}

const TIMED_OUT = "57014";
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

/** Somebody has locked a catalogue that we read, which passes. */
function isLocked(error: unknown): boolean {
  return (error as { code?: string }).code === "55P03";
}

/** Each message that fails is a line of the server's log, with all its text. */
const PAUSE_SECONDS = 300;
const LOCKED_SECONDS = 15;

/** To look at more of them than that may take longer than statement_timeout, and would lose the counters as well. */
const MOST_FILES = 100_000;
const FILES_PER_SECOND = 1000;
