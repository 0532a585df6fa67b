import { holders, type Grouping, type Holder } from "../analysis/holders.ts";
import { isFull, slots, type Slots } from "../analysis/slots.ts";
import { states, type States } from "../analysis/states.ts";
import type { Tally } from "../analysis/tally.ts";
import { series, spanSeconds } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import { layout } from "../state/layout.ts";
import { moment, shownHistory, type State } from "../state/state.ts";
import { fit } from "../text/fit.ts";
import { duration, span } from "../text/format.ts";
import { bar, sparkline } from "./gauge.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";
import { rangeWords, seenCount } from "./slots-words.ts";
import { boxedBeside } from "./spread.ts";

/** What the sessions are doing, by state with its course and its oldest, and where there is room, who holds the slots. */
export function statesPanel(state: State): Line[] {
  const pair = moment(state);
  const { style, states: height } = layout(state.size);
  if (pair === null) return Array.from({ length: height }, () => line(""));
  if (height === 0) return [];
  const cells = stateCells(states(pair.sample), slots(pair.sample).hidden);
  if (style === "wide") return wide(state, pair.sample, cells, height);
  if (style === "medium") return medium(state, pair.sample, cells);
  // Ages where they decide something: how long the oldest has been waiting, or idle in its transaction.
  const extra = Math.trunc((state.size.width - 80) / 3);
  const place = (name: CellName, label: number, width: number): Span[] =>
    cellSpans(state, cells[name], { label, spark: 8 + Math.max(0, extra - 2), width: width + extra });
  return [
    line(" ", ...place("active", 8, 28), ...place("idleInTransaction", 10, 30), ...place("idle", 6, 21)),
    line(" ", ...place("waiting", 8, 28), ...place("aborted", 10, 30), ...place("opened", 6, 21)),
  ];
}

/** Inner cells of the slots chart in the wide layout, which the screen draws with a chart widget; null elsewhere. */
export function chartArea(state: State): { left: number; top: number; width: number; height: number } | null {
  const parts = layout(state.size);
  if (parts.style !== "wide" || parts.states === 0 || moment(state) === null || state.view.page !== "sessions")
    return null;
  return { left: 1, top: parts.header + 1, width: chartWidth(state.size.width) - 2, height: parts.states - 2 };
}

interface Cell {
  readonly label: string;
  readonly tone: Tone;
  readonly count: number | null;
  /** Sessions that our role may not look into, and that may have to be added. */
  readonly hidden: number;
  readonly oldestSeconds: number | null;
  readonly value: (tally: Tally) => number | null;
}

type CellName = "active" | "waiting" | "idle" | "idleInTransaction" | "aborted" | "starting" | "opened" | "gone";

function stateCells({ byState, waitingForLock }: States, hidden: number): Record<CellName, Cell> {
  const { active, idle, starting } = byState;
  const itx = byState["idle in transaction"];
  const aborted = byState["idle in transaction (aborted)"];
  return {
    active: { label: "active", tone: "active", ...active, hidden, value: (t) => t.active },
    waiting: { label: "└waiting", tone: "waiting", ...waitingForLock, hidden, value: (t) => t.waiting },
    idle: { label: "idle", tone: "idle", ...idle, hidden, value: (t) => t.idle },
    idleInTransaction: {
      label: "idle in tx",
      tone: "idle-in-transaction",
      ...itx,
      hidden,
      value: (t) => t.idleInTransaction,
    },
    aborted: { label: "tx aborted", tone: "aborted", ...aborted, hidden, value: (t) => t.aborted },
    starting: { label: "starting", tone: "normal", ...starting, hidden, value: (t) => t.starting },
    opened: {
      label: "new/s",
      tone: "normal",
      count: null,
      hidden,
      oldestSeconds: null,
      value: (t) => t.openedPerSecond,
    },
    gone: { label: "gone/s", tone: "normal", count: null, hidden, oldestSeconds: null, value: (t) => t.gonePerSecond },
  };
}

const NUMBER_CELLS = 4;
/** A blank and the longest age; half an age would be another age. */
const AGE_CELLS = 7;

function cellSpans(state: State, cell: Cell, size: { label: number; spark: number; width: number }): Span[] {
  const values = series(shownHistory(state), size.spark, cell.value);
  const last = values.at(-1) ?? null;
  // A rate has a fraction; before the second sample it is not known, which is not zero.
  const number = cell.count === null ? (last === null ? "?" : last.toFixed(1)) : seenCount(cell.count, cell.hidden);
  const tone = cell.count === 0 ? "muted" : cell.tone;
  const shown = size.spark === 0 ? "" : ` ${sparkline(values)}`;
  const used = size.label + NUMBER_CELLS + shown.length;
  const age = cell.count === 0 || size.width - used < AGE_CELLS ? "" : ` ${duration(cell.oldestSeconds)}`;
  return [
    toned(tone, fit(cell.label, size.label)),
    toned(tone === "muted" ? "muted" : "title", fit(number, NUMBER_CELLS, "right")),
    toned(tone, shown),
    toned(tone, fit(age, size.width - used)),
  ];
}

function medium(state: State, sample: Sample, cells: Record<CellName, Cell>): Line[] {
  const right = 40;
  const width = Math.trunc((state.size.width - 1 - right) / 2);
  const size = { label: 10, spark: Math.max(6, width - 24), width };
  const now = slots(sample);
  const top = (by: Grouping): Span[] => holderSpans(holders(sample, by)[0], now, right);
  return [
    line(
      " ",
      ...cellSpans(state, cells.active, size),
      ...cellSpans(state, cells.idleInTransaction, size),
      ...top("role"),
    ),
    line(
      " ",
      ...cellSpans(state, cells.waiting, size),
      ...cellSpans(state, cells.aborted, size),
      ...top("application"),
    ),
    line(" ", ...cellSpans(state, cells.idle, size), ...cellSpans(state, cells.opened, size), ...top("client")),
  ];
}

const STATES_WIDTH = 56;
const HOLDERS_WIDTH = 48;

function chartWidth(width: number): number {
  return width - STATES_WIDTH - HOLDERS_WIDTH;
}

function wide(state: State, sample: Sample, cells: Record<CellName, Cell>, height: number): Line[] {
  const inner = STATES_WIDTH - 3;
  const size = { label: 10, spark: inner - 24, width: inner };
  const order: CellName[] = ["active", "waiting", "idle", "idleInTransaction", "aborted", "starting", "opened", "gone"];
  const stateLines = order.map((name) => line(" ", ...cellSpans(state, cells[name], size)));
  const seen = span(Math.max(1, spanSeconds(shownHistory(state))));
  const chart = chartWidth(state.size.width);
  return boxedBeside(
    [
      { title: chartTitle(seen, slots(sample)), lines: [], width: chart },
      { title: "States, with the oldest", lines: stateLines, width: STATES_WIDTH },
      { title: "Who holds the slots", lines: holderLines(sample, height - 2), width: HOLDERS_WIDTH },
    ],
    height,
  );
}

/** The words have the colours of the lines. */
function chartTitle(seen: string, { app, used }: Slots): Span[] {
  return [
    toned("title", `Slots, last ${seen}: `),
    toned("active", `used ${rangeWords(used)}`),
    toned("idle-in-transaction", "  idle in tx"),
    toned("aborted", `  app limit ${app ?? "?"}`),
  ];
}

function holderLines(sample: Sample, height: number): Line[] {
  const now = slots(sample);
  const places: readonly (readonly [Grouping, number])[] = [
    ["role", 2],
    ["application", 3],
    ["client", 2],
    ["database", 1],
  ];
  return places
    .flatMap(([by, n]) => holders(sample, by).slice(0, n))
    .slice(0, height)
    .map((holder) => line(" ", ...holderSpans(holder, now, HOLDERS_WIDTH - 3)));
}

const GROUPING_WORDS: Readonly<Record<Grouping, string>> = {
  application: "app",
  role: "role",
  client: "host",
  database: "db",
};

/** One holder: what it is, its name, how many, its share of what ordinary roles can use, and whether it is at its own limit. */
function holderSpans(holder: Holder | undefined, now: Slots, width: number): Span[] {
  if (holder === undefined) return [toned("normal", " ".repeat(width))];
  const share = now.app === null ? null : holder.count / Math.max(1, now.app);
  const kind = holder.by === "role" || holder.by === "database" ? holder.by : null;
  const full = now.limits.some((limit) => limit.kind === kind && limit.name === holder.name && isFull(limit));
  // A hidden row may be a parallel worker, which holds no slot.
  const count = now.hidden > 0 && holder.states.unknown !== undefined ? `≤${holder.count}` : String(holder.count);
  const name = holder.name === null ? "(not told)" : holder.name === "" ? "(no name)" : holder.name;
  return [
    toned("muted", fit(GROUPING_WORDS[holder.by], 5)),
    toned("normal", `${fit(name, 12)}${fit(count, 4, "right")} `),
    toned("idle", share === null ? " ".repeat(10) : bar(share, 10)),
    toned(
      full ? "very-old" : "normal",
      fit(` ${share === null ? "" : `${Math.round(share * 100)}%`}${full ? " FULL" : ""}`, width - 32),
    ),
  ];
}
