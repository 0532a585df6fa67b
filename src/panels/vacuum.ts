import { pins, type Pin, type Pins } from "../analysis/horizon.ts";
import type { DeadTuples } from "../model/horizon.ts";
import type { Sample } from "../model/reading.ts";
import type { PinRow } from "../state/pin-rows.ts";
import { fit, type Align } from "../text/fit.ts";
import { count, plural } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { deadTupleLines } from "./dead-tuples.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import { harmlessTexts, pinTexts, type CellName } from "./pin-cells.ts";
import { ageTone, heldBy } from "./pin-names.ts";
import { aboutPin } from "./pin-words.ts";
import { beside, filled, fitSpans, spansWidth } from "./spread.ts";
import { wraparoundSpans } from "./wraparound.ts";

/** How far behind the horizon is and who holds it there, how far the oldest database is from wraparound; then the titles of the columns. */
export function vacuumHead(sample: Sample, width: number): Line[] {
  const said = [toned("normal", " "), ...horizonSpans(sample)];
  const right = wraparoundSpans(sample, width - spansWidth(said) - 2);
  const gap = width - spansWidth(said) - spansWidth(right) - 1;
  const first = right.length === 0 ? said : [...said, toned("normal", " ".repeat(gap)), ...right];
  return [{ spans: fitSpans(first, width) }, titles(width)];
}

/** Why there are no rows. */
export function vacuumEmpty(sample: Sample): string {
  const held = pins(sample);
  if (held === null) return "Processes do not tell what holds VACUUM back: without a connection it is not known.";
  const hidden =
    held.hidden === 0 ? "" : `; whether any of ${held.hidden} hidden sessions is idle in transaction is not`;
  const nothing = sample.server.role === "standby" ? NOTHING_HERE : "Nothing holds VACUUM back";
  return `${nothing}: no open xid, snapshot, replication slot or prepared transaction is seen${hidden}.`;
}

/** Of what the primary's own sessions hold, a standby knows nothing. */
const NOTHING_HERE = "Nothing here holds VACUUM back on the primary";

function horizonSpans(sample: Sample): Span[] {
  const held = pins(sample);
  if (held === null) return [toned("muted", "What holds VACUUM back is not known: processes do not tell")];
  const { all, here, hidden } = held;
  const unseen = hidden === 0 ? [] : [toned("muted", `, ${plural(hidden, "session")} hidden`)];
  if (sample.server.role === "standby") return [...standbySpans(held), ...unseen];
  if (all.length === 0) return [toned("ok", "Nothing holds VACUUM back"), ...unseen];
  const many = all.length === 1 ? "" : `, ${all.length} pins`;
  const [oldest] = all as readonly [Pin, ...Pin[]];
  if (here === oldest) {
    return [toned("title", "Horizon "), ...behind(oldest, sample), toned("normal", many), ...unseen];
  }
  const ours = identifier(sample.server.database ?? "");
  const there = oldest.keeps === "catalogs" ? "catalogs " : `${identifier(oldest.database ?? "")} `;
  const first =
    here === null
      ? [toned("ok", `Nothing holds VACUUM back in tables of ${ours}`), toned("normal", "; ")]
      : [toned("title", `Horizon of ${ours} `), ...behind(here, sample), toned("normal", "; ")];
  return [...first, toned("title", there), ...behind(oldest, sample), toned("normal", many), ...unseen];
}

function behind(pin: Pin, sample: Sample): Span[] {
  return [
    toned(ageTone(pin.xidAge, sample), `${count(pin.xidAge)} xids behind`),
    toned("normal", `, held by ${heldBy(pin)}`),
  ];
}

/** VACUUM runs on the primary alone. */
function standbySpans({ all }: Pins): Span[] {
  const [oldest] = all;
  if (oldest === undefined) return [toned("ok", NOTHING_HERE)];
  const behind = `${count(oldest.xidAge)} xids behind`;
  const [said, they] =
    all.length === 1 ? [`1 pin, ${behind}`, "it holds"] : [`${all.length} pins, the oldest ${behind}`, "they hold"];
  return [
    toned("title", said),
    toned("normal", `: ${they} VACUUM back on the primary where hot_standby_feedback is on`),
  ];
}

interface Cell {
  readonly title: string;
  readonly width: number;
  readonly align: Align;
}

/** What stands before the query, in this order. The kind tells what is kept where there is no room to say it. */
function cells(width: number): Partial<Record<CellName, Cell>> {
  const wide = width >= 160;
  const medium = width >= 100;
  const left = (title: string, cell: number): Cell => ({ title, width: cell, align: "left" });
  const right = (title: string, cell: number): Cell => ({ title, width: cell, align: "right" });
  return {
    who: left("WHO", wide ? 32 : medium ? 22 : width >= 72 ? 18 : 14),
    kind: left("KIND", 13),
    xids: right("XIDS", 5),
    age: right("AGE", 6),
    ...(width >= 60 && { scope: left("SCOPE", wide ? 16 : medium ? 12 : 8) }),
    ...(medium && { keeps: left("KEEPS", 8) }),
    ...(width >= 60 && { state: left("STATE", 10) }),
  };
}

const CELLS: readonly CellName[] = ["who", "kind", "xids", "age", "scope", "keeps", "state"];
/** The cursor's mark, and a blank. */
const INDENT = "  ";

function titles(width: number): Line {
  const texts = Object.entries(cells(width)).map(([, cell]) => fit(cell.title, cell.width, cell.align));
  return { spans: fitSpans([toned("muted", `${INDENT}${texts.join(" ")} QUERY, or what a slot keeps`)], width) };
}

/** One row of the list. */
export function vacuumLine(row: PinRow, sample: Sample, width: number): Line {
  if (row.kind === "title") {
    const said = `${INDENT}${plural(row.harmless, "session")} idle in transaction, pinning nothing `;
    return { spans: fitSpans([toned("muted", said + "─".repeat(Math.max(0, width - said.length)))], width) };
  }
  const texts = row.kind === "pin" ? pinTexts(row.pin, sample) : harmlessTexts(row, sample);
  const shown = cells(width);
  const spans = CELLS.flatMap((name) => {
    const cell = shown[name];
    if (cell === undefined) return [];
    const { text, tone } = texts[name];
    return [toned(tone, fit(text, cell.width, cell.align)), toned("normal", " ")];
  });
  return { spans: fitSpans([toned("normal", INDENT), ...spans, toned(texts.rest.tone, texts.rest.text)], width) };
}

/**
 * What the selected row is, what it keeps and what releases it; and the tables with the most dead rows.
 *
 * @param dead null: they are being read; "failed": the server did not tell
 */
export function vacuumBelow(
  row: PinRow | null,
  dead: readonly DeadTuples[] | "failed" | null,
  sample: Sample,
  width: number,
  height: number,
): Line[] {
  if (height <= 0) return [];
  if (width >= SIDE_BY_SIDE) {
    const left = Math.trunc(width * 0.55);
    const about = row === null ? [] : aboutPin(row, sample, left - 3);
    const tables = deadTupleLines(dead, sample, width - left - 1, height);
    const blocks = [
      { width: left, lines: filled(about.map(indented), height) },
      { width: width - left, lines: filled(tables, height) },
    ];
    return beside(blocks);
  }
  const about = row === null ? [] : aboutPin(row, sample, width - 2).map(indented);
  const room = Math.max(0, height - about.length);
  const tables = room < LEAST_TABLE_LINES ? [] : deadTupleLines(dead, sample, width - 1, room).map(indented);
  return filled([...about, ...tables], height);
}

const SIDE_BY_SIDE = 120;
/** A title and a table. */
const LEAST_TABLE_LINES = 2;

function indented(one: Line): Line {
  return line(" ", ...one.spans);
}
