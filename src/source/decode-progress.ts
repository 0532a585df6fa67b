import type { Progress } from "../model/workings.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";
import { relationName } from "./relation-name.ts";

/** A row of progress.sql. */
export function decodeProgress(row: TextRow, encodings: Encodings): Progress {
  const [group, pid, database, schema, name, oid, indexPhase, params] = row;
  const numbers = numbersOf(params);
  const kind = KINDS[group as Group];
  const command = kind.commands === undefined ? undefined : kind.commands.names[numbers[kind.commands.param - 1] ?? 0];
  const phase = phaseOf(kind, numbers, indexPhase ?? null);
  return {
    pid: Number(pid),
    command: command ?? kind.command,
    phase: phase?.[0] ?? null,
    database: database == null ? null : encodings.name(database),
    relation: schema == null ? null : relationName({ database: null, schema, name, oid }, encodings),
    // Of a query that is copied, and of a backup, it is 0.
    relationId: oid == null || oid === "0" ? null : Number(oid),
    ...far(phase, numbers),
  };
}

type Numbers = readonly (number | null)[];
type Far = Pick<Progress, "done" | "total" | "unit">;

/** Its name, and which numbers tell how far it is: done, total (null: nobody knows), and of what. */
export type Phase = readonly [name: string | null, done?: number, total?: number | null, unit?: Progress["unit"]];

export interface Kind {
  readonly command: string;
  /** Which of several commands it is: by this number, in this order. */
  readonly commands?: { readonly param: number; readonly names: readonly (string | undefined)[] };
  /** Which phase: by this number; null: there is one alone, without a name. */
  readonly phase: number | null;
  readonly phases: readonly Phase[];
}

export type Group = "VACUUM" | "CREATE INDEX" | "CLUSTER" | "ANALYZE" | "BASEBACKUP" | "COPY";

function phaseOf({ phase, phases }: Kind, numbers: Numbers, indexPhase: string | null): Phase | null {
  const [first] = numbers;
  if (first == null) return null;
  // A file's size is known; of what comes from a program or a client, rows are counted.
  if (phase === null) return phases[numbers[1] === 0 ? 1 : 0]!;
  const found = phases[numbers[phase - 1] ?? -1] ?? null;
  if (found?.[0] !== BUILDING || indexPhase === null) return found;
  return [`${BUILDING}: ${indexPhase}`, ...(BUILDING_PHASES[indexPhase] ?? [])];
}

function far(phase: Phase | null, numbers: Numbers): Far {
  const [, done, total, unit] = phase ?? [null];
  if (done === undefined || unit === undefined) return NOT_TOLD;
  const all = total == null ? null : numbers[total - 1];
  // 0: it has not been said yet, or this major does not say it. -1: nobody has estimated it.
  if (all === 0) return NOT_TOLD;
  return { done: numbers[done - 1] ?? null, total: all == null || all < 0 ? null : all, unit };
}

const NOT_TOLD: Far = { done: null, total: null, unit: null };

/** An int8[] as text: {1,NULL,3}. */
function numbersOf(text: string | null | undefined): Numbers {
  if (text == null) return [];
  return text
    .slice(1, -1)
    .split(",")
    .map((number) => (number === "NULL" ? null : Number(number)));
}

const BUILDING = "building index";
/** What an index is built in, where its access method says so. */
const BUILDING_PHASES: Readonly<Record<string, readonly [number, number, Progress["unit"]]>> = {
  "scanning table": [17, 16, "blocks"],
  "loading tuples in tree": [13, 12, "tuples"],
};

/** What the views pg_stat_progress_* make of the numbers: a test holds the two against each other on every major. */
export const KINDS: Readonly<Record<Group, Kind>> = {
  VACUUM: {
    command: "VACUUM",
    phase: 1,
    phases: [
      ["initializing"],
      ["scanning heap", 3, 2, "blocks"],
      // Indexes are counted from 17 on.
      ["vacuuming indexes", 10, 9, "indexes"],
      ["vacuuming heap", 4, 2, "blocks"],
      ["cleaning up indexes", 10, 9, "indexes"],
      ["truncating heap"],
      ["performing final cleanup"],
    ],
  },
  "CREATE INDEX": {
    command: "CREATE INDEX",
    commands: {
      param: 1,
      names: [undefined, "CREATE INDEX", "CREATE INDEX CONCURRENTLY", "REINDEX", "REINDEX CONCURRENTLY"],
    },
    phase: 10,
    phases: [
      ["initializing"],
      ["waiting for writers before build", 5, 4, "lockers"],
      [BUILDING, 17, 16, "blocks"],
      ["waiting for writers before validation", 5, 4, "lockers"],
      ["index validation: scanning index", 17, 16, "blocks"],
      ["index validation: sorting tuples"],
      ["index validation: scanning table", 17, 16, "blocks"],
      ["waiting for old snapshots", 5, 4, "lockers"],
      ["waiting for readers before marking dead", 5, 4, "lockers"],
      ["waiting for readers before dropping", 5, 4, "lockers"],
    ],
  },
  CLUSTER: {
    command: "CLUSTER",
    commands: { param: 1, names: [undefined, "CLUSTER", "VACUUM FULL"] },
    phase: 2,
    phases: [
      ["initializing"],
      ["seq scanning heap", 7, 6, "blocks"],
      ["index scanning heap", 4, null, "tuples"],
      ["sorting tuples"],
      ["writing new heap", 5, 4, "tuples"],
      ["swapping relation files"],
      ["rebuilding index", 8, null, "indexes"],
      ["performing final cleanup"],
    ],
  },
  ANALYZE: {
    command: "ANALYZE",
    phase: 1,
    phases: [
      ["initializing"],
      ["acquiring sample rows", 3, 2, "blocks"],
      ["acquiring inherited sample rows", 3, 2, "blocks"],
      ["computing statistics"],
      ["computing extended statistics"],
      ["finalizing analyze"],
    ],
  },
  BASEBACKUP: {
    command: "BASE_BACKUP",
    phase: 1,
    phases: [
      ["initializing"],
      ["waiting for checkpoint to finish"],
      ["estimating backup size"],
      ["streaming database files", 3, 2, "bytes"],
      ["waiting for wal archiving to finish"],
      ["transferring wal files"],
    ],
  },
  COPY: {
    command: "COPY",
    commands: { param: 5, names: [undefined, "COPY FROM", "COPY TO"] },
    phase: null,
    phases: [
      [null, 1, 2, "bytes"],
      [null, 3, null, "tuples"],
    ],
  },
};
