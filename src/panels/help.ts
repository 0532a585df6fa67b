import { COLUMNS } from "../state/columns.ts";
import { AGES, FIELDS } from "../state/filter.ts";
import { KEYMAP, type Binding } from "../state/keymap.ts";
import type { State } from "../state/state.ts";
import { fit } from "../text/fit.ts";
import { EMPTY_LINE, line, toned, type Line } from "./line.ts";
import { boxed } from "./spread.ts";

/** What the screen means and what the keys do, from the same tables that draw the screen and answer the keys. */
export function helpPage(state: State): Line[] {
  const { width, height } = state.size;
  const body = helpLines();
  const lowest = Math.max(0, body.length - (height - 3));
  const top = Math.min(state.view.pageTop, lowest);
  const more = lowest > 0 ? `   lines ${top + 1}-${Math.min(body.length, top + height - 3)} of ${body.length}` : "";
  const shown = body.slice(top, top + height - 3);
  return [
    ...boxed("Help", shown, width, height - 1),
    line(toned("key", " ↑↓ PgUp PgDn "), "scroll", toned("key", "  Esc "), `back${more}`),
  ];
}

export function helpLines(): Line[] {
  return [
    ...section("What you see", [
      [
        "Slots",
        "one per connection; max_connections is a hard number. █ used · free ░ reserved ? perhaps used (hidden)",
      ],
      ["app limit", "where ordinary roles are refused: max − superuser_reserved_connections − reserved_connections"],
      ["▲ WARN", "80 % of all slots or of the app slots are used; ▲ CRITICAL: 95 %, or none left for app roles"],
      ["idle in tx", "idle in transaction: it holds a slot, often locks, and may hold VACUUM back"],
      ["waiting", "active and waiting for a lock of another session"],
      ["new/s", "sessions per second that were not there in the sample before"],
      ["rows", "> cursor  * tagged  + new  † ended  = our own  └ parallel worker of the row above"],
      ["STALE", "the picture is old, because nothing could be read since; its age and the reason stand there"],
    ]),
    ...GROUPS.flatMap((group) => section(GROUP_TITLES[group], keysOf(group))),
    ...section("Filter", [
      ["word", "a regular expression, looked for in every text of the row; !word turns it round"],
      ["field:value", Object.keys(FIELDS).join(" ")],
      [
        ">30s <5m",
        `age of the transaction or the state; also ${Object.keys(AGES)
          .map((age) => `${age}>30s`)
          .join(" ")}`,
      ],
      [
        "together",
        'state:"idle in transaction" !user:app >1m     state:itx is short for both idle in transaction states',
      ],
    ]),
    ...section(
      "Columns",
      COLUMNS.map((column) => [column.title, column.help] as const),
    ),
  ];
}

const GROUPS: readonly Binding["group"][] = ["Move", "Look", "Choose", "Time", "Screen"];

const GROUP_TITLES: Readonly<Record<Binding["group"], string>> = {
  Move: "Moving",
  Look: "Looking closer",
  Choose: "Choosing what is listed",
  Time: "Time",
  Screen: "The screen",
};

function keysOf(group: Binding["group"]): (readonly [string, string])[] {
  return KEYMAP.filter((entry) => entry.group === group).map((entry) => [entry.shown, entry.help] as const);
}

function section(title: string, rows: readonly (readonly [string, string])[]): Line[] {
  return [
    line(toned("title", ` ${title}`)),
    ...rows.map(([head, text]) => line(toned("key", `  ${fit(head, 13)}`), text)),
    EMPTY_LINE,
  ];
}
