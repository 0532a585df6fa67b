import { COLUMNS } from "../state/columns.ts";
import { TYPING_KEYS } from "../state/editor.ts";
import { AGES, FIELDS } from "../state/filter.ts";
import type { Binding } from "../state/binding.ts";
import { bindings } from "../state/keymap.ts";
import type { State } from "../state/state.ts";
import { wrap } from "../text/fit.ts";
import { textWidth } from "../text/width.ts";
import { EMPTY_LINE, line, toned, type Line, type Tone } from "./line.ts";
import { page } from "./page.ts";

/** What the screen means and what the keys do, from the same tables that draw the screen and answer the keys. */
export function helpPage(state: State): Line[] {
  return page(state, "Help", helpLines(state.size.width - 2, state.options.readOnly));
}

export function helpLines(width: number, readOnly: boolean): Line[] {
  const ages = Object.keys(AGES).map((age) => `${age}>30s`);
  return [
    ...section("What you see", width, [
      [
        "Slots",
        "one per connection; max_connections is a hard number: █ used · free ░ reserved ? perhaps used (hidden)",
      ],
      ["app limit", "where ordinary roles are refused: max − superuser_reserved_connections − reserved_connections"],
      ["▲ WARN", "80 % of all slots or of the app slots are used", "warn"],
      ["▲ CRITICAL", "95 %, or none left for app roles", "critical"],
      ["active", "running a query; its age turns orange after 30 s, red after 5 min", "active"],
      ["└waiting", "of the active ones: waiting for a lock of another session; its age is red after 10 s", "waiting"],
      ["idle in tx", "idle in transaction: holds a slot, often locks, and may hold VACUUM back", "idle-in-transaction"],
      ["tx aborted", "idle in transaction (aborted): nothing but ROLLBACK goes on here", "aborted"],
      [
        "blk 9",
        "nine sessions wait behind this one; <123 waits for 123, and is red when others wait behind it",
        "blocker",
      ],
      ["new/s", "sessions per second that were not there in the sample before"],
      ["rows", "> cursor  * tagged  + new  † ended  = our own  └ parallel worker of the row above"],
      [
        "RESERVE",
        "ordinary roles are refused now, and we sit in one of the slots that are kept for such times",
        "critical",
      ],
      ["RESCUE LANE", "in as the role that --rescue names, until a normal slot is free", "critical"],
      [
        "WALSENDER",
        "in by one of max_wal_senders, since no slot is free for us; all of it works, and a normal slot is taken once there is one",
        "critical",
      ],
      [
        "HOST VIEW",
        "no SQL at all: processes and titles of the server's own machine; e tells why, and which other ways in there are",
        "critical",
      ],
      ["STALE", "nothing could be read since: its age and the reason stand there", "critical"],
    ]),
    ...GROUPS.flatMap((group) => section(GROUP_TITLES[group], width, keysOf(group, readOnly))),
    ...(readOnly ? [] : section("Ending things safely", width, SAFELY)),
    ...section("Filter", width, [
      ["word", "a regular expression, looked for in every text of the row; !word turns it round"],
      ["field:value", Object.keys(FIELDS).join(" ")],
      ["field:=value", "this and no other, letter by letter: app:=web; app:= is an empty name, app: that or none"],
      ["type:holder", "whom the holders count: client backends, and hidden rows that may be one"],
      [">30s <5m", `age of the transaction or of the state; also ${ages.join(" ")}`],
      [
        "together",
        'state:"idle in transaction" !user:app >1m; state:itx is short for both states idle in a transaction',
      ],
    ]),
    ...section("While you type", width, TYPING_KEYS),
    ...section(
      "Columns",
      width,
      COLUMNS.map((column) => [column.title, column.help] as const),
    ),
  ];
}

const GROUPS: readonly Binding["group"][] = ["Move", "Look", "Choose", "End", "Time", "Screen"];

const GROUP_TITLES: Readonly<Record<Binding["group"], string>> = {
  Move: "Moving",
  Look: "Looking closer",
  Choose: "Choosing what is listed",
  End: "Ending queries and sessions",
  Time: "Time",
  Screen: "The screen",
};

type Entry = readonly [head: string, text: string, tone?: Tone];

function keysOf(group: Binding["group"], readOnly: boolean): Entry[] {
  return bindings(readOnly)
    .filter((entry) => entry.group === group)
    .map((entry) => [entry.shown, entry.help] as const);
}

const SAFELY: readonly Entry[] = [
  [
    "the phrase",
    "typed by hand, word for word: cancel 123, terminate 123, terminate all 12; nothing else sends anything",
  ],
  [
    "the target",
    "compared once more in the statement that signals: pid, start of the session, state, query or transaction; whoever has changed gets nothing",
  ],
  [
    "protected",
    "walsenders, autovacuum, background workers, superusers and --protect: one at a time, after unlock 123; never in a group",
  ],
  [
    "cancel",
    "ends a query; where none runs (idle, idle in transaction) it would do nothing, and terminate ends the session",
  ],
  ["outcome", "is said under the list and kept on the page of l: ended, still there, or back again from its pool"],
];

const HEAD_CELLS = 14;

function section(title: string, width: number, entries: readonly Entry[]): Line[] {
  if (entries.length === 0) return [];
  const rows = entries.flatMap(([head, text, tone]) =>
    wrap([text], Math.max(10, width - HEAD_CELLS - 1)).map((piece, i) =>
      line(
        "  ",
        toned(tone ?? "key", i === 0 ? head : ""),
        `${" ".repeat(HEAD_CELLS - 2 - (i === 0 ? textWidth(head) : 0))}${piece}`,
      ),
    ),
  );
  return [line(toned("title", ` ${title}`)), ...rows, EMPTY_LINE];
}
