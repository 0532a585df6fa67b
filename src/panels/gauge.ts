import type { Slots } from "../analysis/slots.ts";
import { EMPTY_LINE, line, toned, type Line, type Span, type Tone } from "./line.ts";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const STEPS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * The slots in so many cells, scaled to max_connections: `█` used, `?` used perhaps (hidden rows), `·` free for everyone,
 * `░` the reserved ones that ordinary roles never get. One used slot is never nothing, one free slot never full.
 */
export function slotsGauge(slots: Slots, cells: number): Span[] {
  const { max, app: limit } = slots;
  // Without a scale there is nothing to draw.
  if (max === null || limit === null) return [toned("muted", "?".repeat(cells))];
  const cell = (n: number): number => {
    if (n <= 0) return 0;
    return n >= max ? cells : Math.min(cells - 1, Math.max(1, Math.round((n / max) * cells)));
  };
  const used = cell(slots.used.low);
  const perhaps = Math.max(used, cell(slots.used.high)) - used;
  const app = Math.max(used + perhaps, cell(limit));
  return [
    toned(gaugeTone(slots), "█".repeat(used)),
    toned("warn", "?".repeat(perhaps)),
    toned("muted", "·".repeat(app - used - perhaps)),
    toned("muted", "░".repeat(cells - app)),
  ];
}

export function gaugeTone(slots: Slots): Tone {
  if (slots.level === "unknown") return "normal";
  return slots.level === "critical" ? "very-old" : slots.level;
}

/** The marks under the gauge: where warn begins, and where ordinary roles are refused. */
export function gaugeMarks(slots: Slots, cells: number, indent: number, warnPercent: number): Line {
  const { max, app, superuserReserved, reserved } = slots;
  if (max === null || app === null) return EMPTY_LINE;
  const at = (n: number): number => indent + Math.min(cells - 1, Math.trunc((n / max) * cells));
  const warn = Math.ceil((Math.min(app, max) * warnPercent) / 100);
  const reserve = (superuserReserved ?? 0) + (reserved ?? 0);
  const limit = `└${app} app limit${reserve > 0 ? `, ░ ${reserve} reserved` : ""}`;
  const warnText = `└${warn} warn`;
  const gap = at(app) - at(warn);
  const parts = gap > warnText.length ? [warnText.padEnd(gap), limit] : [limit];
  const start = gap > warnText.length ? at(warn) : at(app);
  return line(toned("muted", " ".repeat(start) + parts.join("")));
}

/** A share of 0..1 in eighths of a cell. */
export function bar(share: number, cells: number): string {
  const eighths = Math.max(0, Math.min(cells * 8, Math.round(share * cells * 8)));
  const full = Math.trunc(eighths / 8);
  const text = "█".repeat(full) + EIGHTHS[eighths % 8]!;
  return text + "░".repeat(cells - full - (eighths % 8 === 0 ? 0 : 1));
}

/** One character a value; null (a gap, or before the first sample) is blank. `max` of null scales to the largest value. */
export function sparkline(values: readonly (number | null)[], max: number | null = null): string {
  const top = max ?? Math.max(...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return " ";
      return top <= 0 ? STEPS[0]! : STEPS[Math.min(7, Math.round((Math.min(value, top) / top) * 7))]!;
    })
    .join("");
}
