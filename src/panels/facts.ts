import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { cut, textWidth } from "../text/width.ts";
import { EMPTY_LINE, line, toned, type Line, type Tone } from "./line.ts";

/** Something that a dialog says if there is room: as lines, in the place where it was listed. */
export interface Fact {
  /** Who is served first when lines are short; 0 is the most important. */
  readonly rank: number;
  /** As much as can be said in so many lines; none when that would say nothing, or half of something. */
  readonly lines: (room: number) => readonly Line[];
  /** A blank line before it, where there are lines to spare. */
  readonly apart?: true;
}

/** A text that is wrapped, and said whole or not at all. */
export function fact(rank: number, tone: Tone, text: string, width: number): Fact {
  const lines = wrap([clean(text)], Math.max(1, width)).map((piece) => line(toned(tone, piece)));
  return { rank, lines: (room) => (lines.length <= room ? lines : []) };
}

/** The first of some wordings that stands on one line; the last one is wrapped if need be. */
export function choice(rank: number, tone: Tone, wordings: readonly [string, ...string[]], width: number): Fact {
  const text = wordings.find((one) => textWidth(clean(one)) <= width) ?? wordings.at(-1)!;
  return fact(rank, tone, text, width);
}

/** Parts on as few lines as they need, none of them broken where it would fit on a line; as many of them as there is room for. */
export function flow(rank: number, tone: Tone, parts: readonly string[], width: number): Fact {
  const lines: string[] = [];
  for (const part of parts) {
    const together = `${lines.at(-1)}; ${part}`;
    if (lines.length > 0 && textWidth(clean(together)) <= width) lines[lines.length - 1] = together;
    else lines.push(part);
  }
  return { rank, lines: (room) => lines.slice(0, room).map((text) => line(toned(tone, text))) };
}

/** A warning is said as far as it goes: half of it is better than silence. */
export function warning(rank: number, tone: Tone, text: string, width: number): Fact {
  const pieces = wrap([clean(text)], Math.max(1, width));
  return {
    rank,
    lines: (room) =>
      pieces
        .slice(0, room)
        .map((piece, i) =>
          line(toned(tone, i === room - 1 && pieces.length > room ? `${cut(piece, width - 2)} …` : piece)),
        ),
  };
}

/** Facts in at most so many lines, in their order; by their rank where not all of them fit. */
export function layOut(facts: readonly Fact[], room: number): Line[] {
  const said = new Map<Fact, readonly Line[]>();
  let left = room;
  for (const one of [...facts].sort((a, b) => a.rank - b.rank)) {
    const lines = left <= 0 ? [] : one.lines(left);
    said.set(one, lines);
    left -= lines.length;
  }
  return facts.flatMap((one) => {
    const lines = said.get(one)!;
    if (one.apart !== true || lines.length === 0 || left <= 0) return lines;
    left--;
    return [EMPTY_LINE, ...lines];
  });
}
