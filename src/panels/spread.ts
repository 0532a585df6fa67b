import { clean } from "../text/clean.ts";
import { cut, textWidth } from "../text/width.ts";
import { EMPTY_LINE, type Line, type Span } from "./line.ts";

/** Cells that spans take once they are cleaned. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + textWidth(clean(span.text)), 0);
}

/** Spans cut to so many cells, and filled up with blanks to exactly that many. */
export function fitSpans(spans: readonly Span[], cells: number): Span[] {
  const out: Span[] = [];
  let left = cells;
  for (const span of spans) {
    if (left <= 0) break;
    const whole = clean(span.text);
    const text = cut(whole, left);
    left -= textWidth(text);
    out.push(text === span.text ? span : { ...span, text });
    // A wide character that did not fit ends the line: what follows must not slip into its half.
    if (text.length < whole.length) break;
  }
  if (left > 0) out.push({ text: " ".repeat(left), tone: "normal" });
  return out;
}

/** One text at the left edge, one at the right; the left one gives way when both do not fit, and a blank stays between them. */
export function spread(left: readonly Span[], right: readonly Span[], width: number): Line {
  const rightWidth = Math.min(width, spansWidth(right));
  const gap = rightWidth > 0 && rightWidth < width ? 1 : 0;
  const blank: Span[] = gap > 0 ? [{ text: " ", tone: "normal" }] : [];
  return { spans: [...fitSpans(left, width - rightWidth - gap), ...blank, ...fitSpans(right, rightWidth)] };
}

/** Lines side by side, each block in its own width. */
export function beside(blocks: readonly { readonly width: number; readonly lines: readonly Line[] }[]): Line[] {
  const height = Math.max(...blocks.map((block) => block.lines.length));
  return Array.from({ length: height }, (_, y) => ({
    spans: blocks.flatMap((block) => fitSpans(block.lines[y]?.spans ?? [], block.width)),
  }));
}

/** Exactly so many lines: cut, or filled up with empty ones. */
export function filled(lines: readonly Line[], height: number): Line[] {
  return Array.from({ length: height }, (_, i) => lines[i] ?? EMPTY_LINE);
}

/** A frame with a title around lines; exactly `width` × `height`. */
export function boxed(title: string | readonly Span[], lines: readonly Line[], width: number, height: number): Line[] {
  const inner = Math.max(0, width - 2);
  const words: readonly Span[] = typeof title === "string" ? [{ text: title, tone: "title" }] : title;
  const head = fitSpans(words, Math.min(inner - 2, spansWidth(words)));
  const rule = "─".repeat(Math.max(0, inner - 2 - spansWidth(head)));
  const out: Line[] = [{ spans: [{ text: "┌ ", tone: "frame" }, ...head, { text: ` ${rule}┐`, tone: "frame" }] }];
  for (let y = 0; y < height - 2; y++) {
    out.push({
      spans: [{ text: "│", tone: "frame" }, ...fitSpans(lines[y]?.spans ?? [], inner), { text: "│", tone: "frame" }],
    });
  }
  out.push(frame(`└${"─".repeat(inner)}┘`));
  return out;
}

interface Frame {
  readonly title: string | readonly Span[];
  readonly lines: readonly Line[];
  readonly width: number;
}

/** Frames of one height side by side. Their lines are as wide as they are: nothing has to be cut or filled up once more. */
export function boxedBeside(frames: readonly Frame[], height: number): Line[] {
  const boxes = frames.map(({ title, lines, width }) => boxed(title, lines, width, height));
  return Array.from({ length: Math.max(0, ...boxes.map((box) => box.length)) }, (_, y) => {
    const spans: Span[] = [];
    for (const box of boxes) spans.push(...box[y]!.spans);
    return { spans };
  });
}

function frame(text: string): Line {
  return { spans: [{ text, tone: "frame" }] };
}
