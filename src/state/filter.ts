import { holdsSlot, statementName } from "../analysis/holder-groups.ts";
import { clientName } from "../analysis/client-name.ts";
import { STATES, waitsForLock } from "../analysis/states.ts";
import { isHidden, nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { parseDuration } from "../text/format.ts";

export type Predicate = (backend: Backend, sample: Sample) => boolean;

export type Filter =
  | { readonly kind: "ok"; readonly text: string; readonly matches: Predicate }
  | { readonly kind: "wrong"; readonly text: string; readonly reason: string };

export const NO_FILTER: Filter = { kind: "ok", text: "", matches: () => true };

/**
 * The fields of `field:value`, and what the value is looked for in; null where nobody tells. The help screen lists them from here.
 * A `statement` is the id of the query, or the first line of its text where the server gives none.
 */
export const FIELDS: Readonly<Record<string, (backend: Backend) => string | null>> = {
  pid: (b) => String(b.pid),
  user: (b) => b.user,
  db: (b) => b.database,
  app: (b) => b.application,
  client: clientName,
  state: (b) => (isHidden(b) ? "hidden" : b.state),
  wait: (b) => `${b.waitEventType ?? ""}:${b.waitEvent ?? ""}`,
  type: (b) => b.backendType ?? "hidden",
  query: (b) => b.query,
  statement: statementName,
};

/** The ages of `field>30s`. A bare `>30s` looks at the transaction and the state, whichever is older. */
export const AGES: Readonly<Record<string, (backend: Backend, sample: Sample) => number | null>> = {
  xact: (b, s) => secondsSince(b.xactStartSeconds, s),
  query: (b, s) => secondsSince(b.queryStartSeconds, s),
  state: (b, s) => secondsSince(b.stateChangeSeconds, s),
  conn: (b, s) => secondsSince(b.backendStartSeconds, s),
};

/**
 * Words, all of which must hold: `user:app`, `state:"idle in transaction"`, `wait:lock`, `>30s`, `xact>5m`, `conn<1m`, or a bare
 * word, a regular expression that is looked for in every text of the row. `!` before a word turns it round.
 * Upper and lower case are the same, except in `app:=web`, which means this name and no other: `app:=` is who gave an empty one, while
 * `app:` is also who gave none. A word that makes no sense is an error that says so, never an empty list.
 */
export function parseFilter(text: string): Filter {
  const predicates: Predicate[] = [];
  for (const { raw, word, negated, quoted } of words(text)) {
    const result = quoted ? textPredicate(word) : parseWord(word, EXACT.test(raw));
    if (typeof result === "string") return { kind: "wrong", text, reason: result };
    predicates.push(negated ? (b, s) => !result(b, s) : result);
  }
  return { kind: "ok", text: text.trim(), matches: (b, s) => predicates.every((matches) => matches(b, s)) };
}

/** Within quotes, an equals sign is a letter like others. */
const EXACT = /^!?[a-z]+:=/i;

function parseWord(word: string, exact: boolean): Predicate | string {
  const age = /^([a-z]*)([<>])(.*)$/i.exec(word);
  if (age !== null) return parseAge(age[1]!.toLowerCase(), age[2] as "<" | ">", age[3]!);
  const field = /^([a-z]+):([^]*)$/i.exec(word);
  if (field === null) return textPredicate(word);
  const name = field[1]!.toLowerCase();
  if (!Object.hasOwn(FIELDS, name)) return `no field "${name}": ${Object.keys(FIELDS).join(" ")}`;
  const read = FIELDS[name]!;
  const value = field[2]!;
  return exact ? (b) => read(b) === value.slice(1) : parseField(name, read, value.toLowerCase());
}

function textPredicate(word: string): Predicate {
  const pattern = regex(word);
  return (b) => SEARCHED.some((read) => holds(read(b) ?? "", (text) => pattern.test(text)));
}

function parseField(name: string, read: (b: Backend) => string | null, wanted: string): Predicate | string {
  if (name === "pid") return (b) => String(b.pid) === wanted;
  // The most wanted state of all is typed in a hurry.
  if (name === "state" && wanted === "itx") return (b) => b.state?.startsWith("idle in transaction") ?? false;
  // `state:idle` means idle, and not the other two states that begin with the same word.
  if (name === "state" && wanted === "idle") return (b) => b.state === "idle";
  if (name === "state" && !KNOWN_STATES.some((state) => state.includes(wanted))) {
    return `no state "${wanted}": itx, ${KNOWN_STATES.join(", ")}`;
  }
  if (name === "wait" && wanted === "lock") return waitsForLock;
  // Whom the holders tab counts: client backends, and hidden rows that may be one.
  if (name === "type" && wanted === "holder") return holdsSlot;
  if (wanted === "") return (b) => (read(b) ?? "") === "";
  return (b) => holds(read(b) ?? "", (text) => text.toLowerCase().includes(wanted));
}

const KNOWN_STATES: readonly string[] = [...STATES.filter((name) => name !== "unknown"), "hidden"];

function parseAge(name: string, sign: "<" | ">", value: string): Predicate | string {
  if (name !== "" && !Object.hasOwn(AGES, name)) return `no age "${name}": ${Object.keys(AGES).join(" ")}`;
  const limit = parseDuration(value.replace(/^=/, ""));
  if (limit === null) return `no length of time: "${value}" (try 30s, 5m, 1h30m)`;
  const read = name === "" ? oldest : AGES[name]!;
  return (b, s) => {
    const seconds = read(b, s);
    return seconds !== null && (sign === ">" ? seconds > limit : seconds < limit);
  };
}

function oldest(backend: Backend, sample: Sample): number | null {
  const xact = AGES["xact"]!(backend, sample);
  const state = AGES["state"]!(backend, sample);
  return xact === null ? state : Math.max(xact, state ?? 0);
}

/** What is typed is what was seen: a name with a line break in it, or a query of several lines, is shown with blanks. */
function holds(text: string, matches: (text: string) => boolean): boolean {
  if (matches(text)) return true;
  const shown = clean(text);
  return shown !== text && matches(shown);
}

/** A word is looked for in what is seen; `app:` asks for the application alone, `type:` for what it is. */
const SEARCHED = [
  ...["pid", "user", "db", "client", "state", "wait", "query"].map((name) => FIELDS[name]!),
  nameOrType,
];

/**
 * What is typed is a regular expression when it is one, else it is looked for as it stands. A repetition of repetitions is taken
 * literally too: one such expression can take minutes over one row.
 */
function regex(word: string): RegExp {
  try {
    if (!/[+*}]\)[+*{]/.test(word)) return new RegExp(word, "i");
  } catch {
    // Half-typed: "(foo" is on its way to be an expression.
  }
  return new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
}

export interface Word {
  /** As it was written. */
  readonly raw: string;
  readonly word: string;
  readonly negated: boolean;
  /** Begins with a quote: text and nothing else. */
  readonly quoted: boolean;
}

/** Blanks part words, except between double quotes; a double quote among these is written twice, as in SQL. */
export function words(text: string): Word[] {
  return [...text.matchAll(/(?:[^\s"]|"(?:[^"]|"")*"?)+/g)].map(([raw]) => {
    const negated = raw.startsWith("!") && raw.length > 1;
    const rest = negated ? raw.slice(1) : raw;
    const word = rest.replace(/"((?:[^"]|"")*)"?/g, (_, quoted: string) => quoted.replaceAll('""', '"'));
    return { raw, word, negated, quoted: rest.startsWith('"') };
  });
}
