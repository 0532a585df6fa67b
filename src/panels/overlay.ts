import { clean } from "../text/clean.ts";
import { skip, textWidth } from "../text/width.ts";
import type { Line, Span } from "./line.ts";
import { fitSpans } from "./spread.ts";

/** Where a box lies on the screen, in cells and lines from 0 on. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

/** Lines with a box laid over them; left and right of it they stay as they were, and a highlight goes on behind it. */
export function overlay(lines: readonly Line[], box: readonly Line[], { left, top, width }: Place): Line[] {
  return lines.map((under, y) => {
    const over = box[y - top];
    if (over === undefined) return under;
    const spans = fitSpans(over.spans, width).map((span): Span => ({ ...span, above: true }));
    return {
      ...under,
      spans: [...fitSpans(under.spans, left), ...spans, ...skipSpans(under.spans, left + width)],
    };
  });
}

/** Spans without their first cells; of a wide character that is cut in two, a blank is left. */
function skipSpans(spans: readonly Span[], cells: number): Span[] {
  const out: Span[] = [];
  let over = cells;
  for (const span of spans) {
    const text = clean(span.text);
    const kept = skip(text, over);
    over = Math.max(0, over - textWidth(text));
    if (kept !== "") out.push({ ...span, text: kept });
  }
  return out;
}
