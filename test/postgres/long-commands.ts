import { expect } from "vitest";
import type { Progress } from "../../src/model/workings.ts";

/** A command that takes long, and what is told of it. */
export interface LongCommand {
  readonly since: number;
  readonly what: string;
  /** The last of them takes long. */
  readonly statements: (server: { readonly major: number; readonly dataDir: string }) => readonly string[];
  /** In a transaction of another session, which stays open. */
  readonly before?: string;
  readonly replication?: "database";
  readonly until: (progress: Progress) => boolean;
  readonly progress: Partial<Progress>;
  /** What its walsender is at. */
  readonly walsender?: string;
}

export const GROWS = ({ done }: Progress): boolean => done !== null && done > 0;
const NUMBER = expect.any(Number) as number;
/** VACUUM and ANALYZE at some blocks a second. */
export const SLOW = "set vacuum_cost_delay = 100; set vacuum_cost_limit = 1; set vacuum_cost_page_hit = 20";

export const LONG_COMMANDS: readonly LongCommand[] = [
  {
    since: 12,
    what: "CREATE INDEX: blocks while it reads the table",
    statements: () => ['create index on "Shop"."Größe" (slowly(n))'],
    until: GROWS,
    progress: {
      ...{ command: "CREATE INDEX", phase: "building index: scanning table", relation: '"Shop"."Größe"' },
      ...{ total: NUMBER, unit: "blocks" },
    },
  },
  {
    since: 12,
    what: "CREATE INDEX CONCURRENTLY: how many transactions it waits for",
    before: `begin; update "Shop"."Größe" set text = '' where n = 1`,
    statements: () => ['create index concurrently on "Shop"."Größe" (n)'],
    until: ({ unit }) => unit === "lockers",
    progress: {
      ...{ command: "CREATE INDEX CONCURRENTLY", phase: "waiting for writers before build", done: 0, total: 1 },
    },
  },
  {
    since: 12,
    what: "CREATE INDEX on a table that nobody else sees yet: by its number",
    statements: () => [
      "begin; create table fresh as select n from generate_series(1, 100) n",
      "create index on fresh (slowly(n))",
    ],
    until: ({ phase }) => phase !== null,
    progress: { command: "CREATE INDEX", relation: null, relationId: NUMBER },
  },
  {
    since: 12,
    what: "VACUUM FULL: the index that is built anew",
    statements: () => [
      "create table few as select n from generate_series(1, 20) n",
      "create index on few (slowly(n))",
      "vacuum full few",
    ],
    until: ({ phase }) => phase === "rebuilding index",
    progress: { command: "VACUUM FULL", relation: "public.few", done: 0, total: null, unit: "indexes" },
  },
  {
    since: 13,
    what: "ANALYZE: blocks of its sample",
    statements: () => [SLOW, 'analyze "Shop"."Größe"'],
    until: GROWS,
    progress: {
      ...{ command: "ANALYZE", phase: "acquiring sample rows", relation: '"Shop"."Größe"' },
      ...{ total: NUMBER, unit: "blocks" },
    },
  },
  {
    since: 13,
    what: "a base backup: bytes, of no table; its walsender says so as well",
    statements: ({ major }) => [
      major < 15
        ? "BASE_BACKUP LABEL 'test' PROGRESS FAST MAX_RATE 32"
        : "BASE_BACKUP (LABEL 'test', PROGRESS, CHECKPOINT 'fast', MAX_RATE 32)",
    ],
    replication: "database",
    until: GROWS,
    progress: {
      ...{ command: "BASE_BACKUP", phase: "streaming database files", relation: null, relationId: null },
      ...{ total: NUMBER, unit: "bytes" },
    },
    walsender: "backup",
  },
  {
    since: 14,
    what: "COPY from a file: bytes, of how many",
    statements: ({ dataDir }) => [
      "create table copied (n int)",
      `copy (select generate_series(1, 100)) to '${dataDir}/copied.txt'`,
      "create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(0.1); return new; end'",
      "create trigger wait before insert on copied for each row execute function wait()",
      `copy copied from '${dataDir}/copied.txt'`,
    ],
    until: GROWS,
    progress: {
      ...{ command: "COPY FROM", phase: null, relation: "public.copied", relationId: NUMBER },
      // A hundred lines of one, two or three digits.
      ...{ total: 9 * 2 + 90 * 3 + 4, unit: "bytes" },
    },
  },
  {
    since: 14,
    what: "COPY of a query, to a program: rows, of nobody knows how many, and of no table",
    statements: () => ["copy (select n, pg_sleep(0.1) from generate_series(1, 100) n) to program 'cat >&2'"],
    until: GROWS,
    progress: {
      ...{ command: "COPY TO", phase: null, relation: null, relationId: null },
      ...{ total: null, unit: "tuples" },
    },
  },
];
