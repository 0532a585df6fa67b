import { COLUMNS, type ColumnId } from "../state/columns.ts";
import { parseFilter, type Filter } from "../state/filter.ts";
import { parseProtect } from "../state/protect.ts";
import type { Sort } from "../state/rows.ts";
import { parseDuration } from "../text/format.ts";
import { didYouMean } from "../text/nearest.ts";

/** What one option takes: how it is written, and what it becomes. Flags, environment and config file are read by the same. */
export interface Value<T> {
  /** What stands for it in the help; null is a switch, which takes no value. */
  readonly placeholder: string | null;
  /** What it is in the config file. */
  readonly json: "string" | "number" | "boolean" | "list";
  /** What can be offered while it is being typed. */
  readonly choices: readonly Choice[] | "files" | null;
  /** @throws BadValue */
  readonly read: (text: string) => T;
}

export interface Choice {
  readonly name: string;
  readonly help: string;
}

/** The end of a sentence that begins with the name of the option: "is a number of seconds …". */
export class BadValue extends Error {}

export const text = (placeholder: string): Value<string> => ({
  ...{ placeholder, json: "string", choices: null },
  read: (text) => text,
});

export const file: Value<string> = {
  ...{ placeholder: "FILE", json: "string", choices: "files" },
  read(text) {
    if (text === "") throw new BadValue("is the name of a file, and this one is empty");
    return text;
  },
};

export const onOff: Value<boolean> = {
  ...{ placeholder: null, json: "boolean", choices: null },
  read(text) {
    const word = text.trim().toLowerCase();
    if (YES.includes(word)) return true;
    if (NO.includes(word)) return false;
    throw new BadValue(`is 1 or 0, true or false, yes or no, on or off, not ${quoted(text)}`);
  },
};

const YES = ["1", "true", "yes", "on"];
const NO = ["0", "false", "no", "off"];

export const number = (placeholder: string, what: string, accepts: (n: number) => boolean): Value<number> => ({
  ...{ placeholder, json: "number", choices: null },
  read(text) {
    const n = text.trim() === "" ? Number.NaN : Number(text);
    if (!accepts(n)) throw new BadValue(`is ${what}, not ${quoted(text)}`);
    return n;
  },
});

export const choice = <const Name extends string>(placeholder: string, choices: Readonly<Record<Name, string>>) =>
  ({
    ...{ placeholder, json: "string" },
    choices: Object.entries<string>(choices).map(([name, help]) => ({ name, help })),
    read(text) {
      const names = Object.keys(choices);
      const found = names.find((name) => name === text.trim().toLowerCase());
      if (found === undefined)
        throw new BadValue(`is one of ${names.join(", ")}, not ${quoted(text)}${didYouMean(text, names, quoted)}`);
      return found as Name;
    },
  }) satisfies Value<Name>;

export const duration: Value<number> = {
  ...{ placeholder: "TIME", json: "string", choices: null },
  read(text) {
    const seconds = parseDuration(text.trim());
    if (seconds === null || seconds < 1) throw new BadValue(`is a length of time such as 30m, not ${quoted(text)}`);
    return seconds;
  },
};

export const size: Value<number> = {
  ...{ placeholder: "SIZE", json: "string", choices: null },
  read(text) {
    const match = /^(\d+)\s*(kB|MB|GB)?$/i.exec(text.trim());
    if (match === null || Number(match[1]) === 0) throw new BadValue(`is a size such as 64MB, not ${quoted(text)}`);
    return Number(match[1]) * (UNIT_BYTES[(match[2] ?? "").toLowerCase()] ?? 1);
  },
};

const UNIT_BYTES: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

export const filter: Value<Filter & { readonly kind: "ok" }> = {
  ...{ placeholder: "FILTER", json: "string", choices: null },
  read(text) {
    const filter = parseFilter(text);
    if (filter.kind === "wrong") throw new BadValue(`is no filter: ${filter.reason}`);
    return filter;
  },
};

/** "user:etl, app:pgbackrest db:billing"; an empty one protects nobody. */
export const protection: Value<readonly Filter[]> = {
  ...{ placeholder: "EXPR", json: "list", choices: null },
  read(text) {
    const protection = parseProtect(text);
    if (protection.kind === "wrong") throw new BadValue(protection.reason);
    return protection.filters;
  },
};

const COLUMN_CHOICES = COLUMNS.map(({ id, help }) => ({ name: id, help }));

/** "xact", "-pid" (the other way round). */
export const sortColumn: Value<Sort> = {
  ...{ placeholder: "COLUMN", json: "string", choices: COLUMN_CHOICES },
  read(text) {
    const reverse = text.startsWith("-");
    const { id, descending } = columnNamed(reverse ? text.slice(1) : text);
    return { column: id, descending: descending !== reverse };
  },
};

/** "pid,user,state,query" */
export const columnList: Value<readonly ColumnId[]> = {
  ...{ placeholder: "LIST", json: "list", choices: COLUMN_CHOICES },
  read: (text) => text.split(",").map((part) => columnNamed(part).id),
};

function columnNamed(text: string): (typeof COLUMNS)[number] {
  const id = text.trim().toLowerCase();
  const found = COLUMNS.find((column) => column.id === id);
  if (found !== undefined) return found;
  const ids = COLUMNS.map((column) => column.id);
  throw new BadValue(
    `has no column ${quoted(text)}${didYouMean(id, ids, quoted) || `; the columns are ${ids.join(" ")}`}`,
  );
}

function quoted(text: string): string {
  return `"${text}"`;
}
