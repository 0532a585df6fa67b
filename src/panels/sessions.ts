import { blocking } from "../analysis/blocking.ts";
import { slots } from "../analysis/slots.ts";
import { isInTransaction, waitsForLock } from "../analysis/states.ts";
import { isHidden, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { ColumnId } from "../state/columns.ts";
import { layout } from "../state/layout.ts";
import { placement, type Placement } from "../state/placement.ts";
import { queryOffset } from "../state/query-scroll.ts";
import type { Row } from "../state/rows.ts";
import { moment, visibleRows, type State } from "../state/state.ts";
import { clean } from "../text/clean.ts";
import { fit } from "../text/fit.ts";
import { skip } from "../text/width.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";

/** The column titles and exactly as many rows as are visible: nothing else gets formatted. */
export function sessions(state: State): Line[] {
  const { titles, rows: height } = layout(state.size);
  const pair = moment(state);
  if (pair === null) return Array.from({ length: titles + height }, () => line(""));
  const { sample } = pair;
  const placed = placement(state);
  const offset = queryOffset(state);
  const { all, left } = visibleRows(state);
  const visible = all.slice(state.view.top, state.view.top + height);
  const lines = visible.map((row) => rowLine(state, row, sample, placed, offset));
  if (all.length === 0) lines.push(line(toned("warn", ` ${emptyWords(state, left)}`)));
  while (lines.length < height) lines.push(line(""));
  return titles > 0 ? [titleLine(state, placed, offset), ...lines.slice(0, height)] : lines.slice(0, height);
}

function titleLine(state: State, { list }: Placement, offset: number): Line {
  const { sort } = state.view;
  const texts = list.map(({ column, cells }) => {
    const title = column.id === "query" && offset > 0 ? `${column.title} +${offset}` : column.title;
    if (column.id !== sort.column) return fit(title, cells, column.align);
    const arrow = sort.descending ? "▼" : "▲";
    return fit(`${fit(title, Math.min(title.length, cells - 1))}${arrow}`, cells, column.align);
  });
  return line(toned("title", fit(texts.join(" "), state.size.width)));
}

function rowLine(state: State, row: Row, sample: Sample, { list, shown }: Placement, offset: number): Line {
  const { backend } = row;
  const selected = backend.key === state.view.cursor;
  const tagged = state.view.tagged.has(backend.key);
  const spans: Span[] = [];
  const base = rowTone(row, sample);
  for (const { column, cells } of list) {
    if (column.id === "pid") {
      const marks = marksOf(row, selected, tagged, sample);
      spans.push(toned(base, marks + fit(String(backend.pid), cells - marks.length, "right") + " "));
    } else if (column.id === "query") {
      const text = column.text(backend, sample, shown);
      spans.push(toned(base, `${fit(offset === 0 ? text : skip(clean(text), offset), cells)} `));
    } else {
      const tone = row.mark === "gone" ? base : cellTone(column.id as ColumnId, backend, sample, base);
      spans.push(toned(tone, fit(column.text(backend, sample, shown), cells, column.align) + " "));
    }
  }
  return { spans, highlight: selected ? "selected" : tagged ? "tagged" : undefined };
}

/** What stands before the pid; the cursor wins over a tag, both over news. */
function marksOf(row: Row, selected: boolean, tagged: boolean, sample: Sample): string {
  if (selected) return tagged ? "*" : ">";
  if (tagged) return "*";
  if (row.worker) return "└";
  if (row.mark === "gone") return "†";
  if (row.backend.pid === sample.server.ownPid) return "=";
  return row.mark === "new" ? "+" : " ";
}

function rowTone(row: Row, sample: Sample): Tone {
  if (row.mark === "gone") return "gone";
  if (row.backend.pid === sample.server.ownPid) return "self";
  if (row.mark === "new") return "new";
  return row.backend.state === "idle" || isHidden(row.backend) ? "idle" : "normal";
}

/** Ages, in seconds, from which a number asks for attention: [worth a look, trouble]. */
const ACTIVE_AGES = [30, 300] as const;
const IDLE_IN_TRANSACTION_AGES = [60, 300] as const;
const WAITING_AGES = [10, 10] as const;

function cellTone(id: ColumnId, backend: Backend, sample: Sample, base: Tone): Tone {
  switch (id) {
    case "state":
      return stateTone(backend, base);
    case "xact":
      return ageTone(backend, secondsSince(backend.xactStartSeconds, sample), base);
    case "state-age":
      return ageTone(backend, secondsSince(backend.stateChangeSeconds, sample), base);
    case "wait":
      return waitsForLock(backend) ? "waiting" : base;
    case "block":
      return blocking(sample).blocks.has(backend.pid) ? "blocker" : "waiting";
    default:
      return base;
  }
}

function stateTone(backend: Backend, base: Tone): Tone {
  if (backend.state === "idle in transaction (aborted)") return "aborted";
  if (backend.state === "idle in transaction") return "idle-in-transaction";
  if (waitsForLock(backend)) return "waiting";
  return backend.state === "active" && base === "normal" ? "active" : base;
}

function ageTone(backend: Backend, seconds: number | null, base: Tone): Tone {
  if (seconds === null || backend.state === "idle" || backend.backendType !== "client backend") return base;
  const [old, veryOld] = waitsForLock(backend)
    ? WAITING_AGES
    : isInTransaction(backend)
      ? IDLE_IN_TRANSACTION_AGES
      : ACTIVE_AGES;
  if (seconds >= veryOld) return "very-old";
  return seconds >= old ? "old" : base;
}

/** An empty list says why it is empty. */
function emptyWords(state: State, left: number): string {
  if (left === 0) return "no sessions";
  const why = [];
  if (!state.view.showIdle) why.push("idle ones are hidden (i shows them)");
  if (state.view.filter.text !== "") why.push(`filter "${state.view.filter.text}" (\\ clears it)`);
  const hidden = slots(moment(state)!.sample).hidden;
  const unseen = hidden === 0 ? "" : `; ${hidden} are hidden from our role and cannot be judged`;
  return `none of ${left} sessions listed: ${why.join(", ")}${unseen}`;
}
