import { STATES } from "../analysis/states.ts";
import { backendKey, type Backend } from "../model/backend.ts";
import type { ConnectionLimit, Server } from "../model/server.ts";
import { UTF8_EVERYWHERE, type Encodings } from "./encodings.ts";
import { numberOrNull } from "./number-or-null.ts";

/** A row as it comes over the wire: texts in the order of the statement's columns. */
export type TextRow = readonly (string | null)[];

/**
 * Keeps one copy of each text. Two generations, so that texts which nobody uses any more are let go. What rows are compared with all the time is
 * there from the beginning: the text of a row is then the very one of ours, and that they are equal is seen without reading them.
 */
export interface Interner {
  intern(text: string): string;
}

export function interner(generation = 20_000): Interner {
  let young = new Map(OUR_WORDS.map((word) => [word, word]));
  let old = new Map<string, string>();
  return {
    intern(text) {
      const known = young.get(text);
      if (known !== undefined) return known;
      const kept = old.get(text) ?? text;
      if (young.size >= generation) {
        old = young;
        young = new Map();
      }
      young.set(kept, kept);
      return kept;
    },
  };
}

const OUR_WORDS: readonly string[] = [...STATES, "client backend", "parallel worker", "Client", "Lock", "Activity"];

/**
 * One row of activity.sql. When nothing in it differs from `before`, the answer is `before` itself: that is what lets history
 * keep thirty minutes in a few megabytes.
 */
export function decodeBackend(
  row: TextRow,
  before: Backend | undefined,
  texts: Interner,
  encodings: Encodings = UTF8_EVERYWHERE,
): Backend {
  const shared = (i: number): string | null => {
    const text = row[i];
    return text == null ? null : texts.intern(text);
  };
  const name = (i: number): string | null => {
    const text = row[i];
    return text == null ? null : texts.intern(encodings.name(text));
  };
  const pid = Number(row[0]);
  const backendStart = before !== undefined && before.backendStart === row[1] ? before.backendStart : row[1]!;
  const database = name(5);
  const backend: Backend = {
    key: before !== undefined && before.backendStart === backendStart ? before.key : backendKey(pid, backendStart),
    pid,
    backendStart,
    backendStartSeconds: numberOrNull(row[2]),
    backendType: shared(3),
    user: name(4),
    database,
    application: shared(6) ?? "",
    clientAddress: shared(7),
    clientPort: numberOrNull(row[8]),
    state: shared(9),
    waitEventType: shared(10),
    waitEvent: shared(11),
    xactStartSeconds: numberOrNull(row[12]),
    queryStartSeconds: numberOrNull(row[13]),
    stateChangeSeconds: numberOrNull(row[14]),
    backendXid: numberOrNull(row[15]),
    backendXmin: numberOrNull(row[16]),
    leaderPid: numberOrNull(row[17]),
    queryId: shared(18),
    blockedBy: pids(row[19]),
    query: row[20] == null ? "" : texts.intern(encodings.query(row[20], database)),
  };
  return before !== undefined && sameRow(before, backend) ? before : backend;
}

/** The one row of server.sql with the rows of limits.sql and roles.sql. */
export function decodeServer(
  row: TextRow,
  limits: readonly TextRow[],
  roles: readonly TextRow[],
  { host, port, lane }: Pick<Server, "host" | "port" | "lane">,
  encodings: Encodings = UTF8_EVERYWHERE,
  particulars: Pick<Server, "tuning" | "databaseAges"> = { tuning: null, databaseAges: [] },
): Server {
  const superuser = row[13] === "t";
  return {
    lane,
    version: row[0]!,
    versionNum: Number(row[1]),
    role: row[2] === "t" ? "standby" : "primary",
    host,
    port,
    database: encodings.name(row[3]!),
    user: encodings.name(row[4]!),
    ownPid: Number(row[5]),
    startedSeconds: Number(row[6]),
    settings: {
      maxConnections: Number(row[7]),
      superuserReserved: Number(row[8]),
      reserved: Number(row[9]),
      maxWalSenders: Number(row[10]),
      trackActivities: row[11] === "on",
      queryTextBytes: Number(row[12]),
    },
    limits: limits.map(([kind, name, limit]): ConnectionLimit => ({
      kind: kind === "role" ? "role" : "database",
      name: encodings.name(name!),
      limit: Number(limit),
    })),
    rights: {
      superuser,
      usesReserved: superuser || row[18] === "t",
      seeAll: superuser || row[14] === "t",
      signal: superuser || row[15] === "t",
      signalAutovacuum: superuser || row[17] === "t",
      listArchiveStatus: row[19] === "t",
      getAios: row[20] === "t",
      roles: roles.filter(([, , ours]) => ours === "t").map(([name]) => encodings.name(name!)),
    },
    superusers: roles.filter(([, isSuperuser]) => isSuperuser === "t").map(([name]) => encodings.name(name!)),
    postmaster: null,
    ...particulars,
  };
}

/** Equal in everything: small enough to compare as text, and the same object then serves both samples. */
export function sameServer(a: Server, b: Server): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const FIELDS = [
  "key",
  "state",
  "waitEventType",
  "waitEvent",
  "xactStartSeconds",
  "queryStartSeconds",
  "stateChangeSeconds",
  "backendXid",
  "backendXmin",
  "query",
  "application",
  "backendType",
  "user",
  "database",
  "clientAddress",
  "clientPort",
  "leaderPid",
  "queryId",
  "backendStartSeconds",
] as const satisfies readonly (keyof Backend)[];

/** Equal in everything that a row tells: then the row of the last sample serves this one, too. */
export function sameRow(a: Backend, b: Backend): boolean {
  for (const field of FIELDS) if (a[field] !== b[field]) return false;
  return a.blockedBy === b.blockedBy || a.blockedBy.join() === b.blockedBy.join();
}

const NOBODY: readonly number[] = [];

/** An int4[] as text: {1,2}. */
function pids(text: string | null | undefined): readonly number[] {
  return text == null || text.length <= 2 ? NOBODY : [...new Set(text.slice(1, -1).split(",").map(Number))];
}
