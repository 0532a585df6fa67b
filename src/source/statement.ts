import { readdirSync, readFileSync } from "node:fs";

export type StatementName =
  | "activity"
  | "ages"
  | "clock"
  | "cost"
  | "counters"
  | "dead-tuples"
  | "encodings"
  | "holdings"
  | "holdouts"
  | "io"
  | "io-under-way"
  | "limits"
  | "overrides"
  | "places"
  | "prepared"
  | "progress"
  | "query"
  | "queues"
  | "recovery"
  | "roles"
  | "server"
  | "session"
  | "signal"
  | "standbys"
  | "subscriptions"
  | "to-archive"
  | "tuning";

// Found from src and from dist alike: the folder is shipped beside dist.
const FOLDER = new URL("../../src/source/sql/", import.meta.url);

/** The text of a statement for a major version: `name.pgNN.sql` with the highest NN that the server has, else `name.sql`. */
export function statement(name: StatementName, major: number): string {
  const key = `${name} ${major}`;
  let text = CACHE.get(key);
  if (text === undefined) {
    text = withoutComments(readFileSync(new URL(fileFor(name, major), FOLDER), "utf8"));
    CACHE.set(key, text);
  }
  return text;
}

/** Which file of `name` a server of this major gets. */
export function fileFor(name: StatementName, major: number): string {
  const file = newestFile(name, major);
  if (file === undefined) throw new Error(`no SQL file for "${name}" on PostgreSQL ${major}`);
  return file;
}

/** Whether there is a file of `name` for this major: some of what later ones tell, earlier ones do not know. */
export function hasFile(name: StatementName, major: number): boolean {
  return newestFile(name, major) !== undefined;
}

function newestFile(name: StatementName, major: number): string | undefined {
  const key = `${name} ${major}`;
  const known = NEWEST.get(key);
  if (known !== undefined) return known.file;
  const file = statementFiles()
    .map((file) => new RegExp(`^${name}(?:\\.pg(\\d+))?\\.sql$`).exec(file))
    .filter((match) => match !== null)
    .map((match) => ({ file: match[0], major: Number(match[1] ?? 0) }))
    .filter((candidate) => candidate.major <= major)
    .sort((a, b) => b.major - a.major)[0]?.file;
  NEWEST.set(key, { file });
  return file;
}

export function statementFiles(): string[] {
  return (FILES ??= readdirSync(FOLDER));
}

/**
 * A statement with its `$n` written out as literals. Several statements travel in one message only by the simple protocol,
 * which has no parameters (and a walsender or PgBouncer's console speaks nothing else). Our texts have no other `$`.
 */
export function bind(text: string, values: readonly (string | number | null)[]): string {
  return text.replace(/\$(\d+)/g, (_, n: string) => literal(values[Number(n) - 1]));
}

function literal(value: string | number | null | undefined): string {
  if (value === undefined) throw new Error("a statement has more parameters than values");
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  // E'' with both characters doubled means the same whatever standard_conforming_strings says.
  return ` E'${value.replace(/[\\']/g, "$&$&")}'`;
}

let FILES: string[] | undefined;
const CACHE = new Map<string, string>();
const NEWEST = new Map<string, { readonly file: string | undefined }>();

/** Comments are for the reader of the file; they need not travel every second. */
function withoutComments(text: string): string {
  return text.replace(/^\s*--.*\n/gm, "").trim();
}
