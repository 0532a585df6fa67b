import type { Widgets } from "blessed";
import { charWidth } from "../text/width.ts";
import { Box } from "./blessed-parts.ts";

/** A cell of blessed's screen: colours and flags as one number, and the character. */
type Cell = [attributes: number, char: string];
type CellLine = Cell[] & { dirty?: boolean };

/** What blessed's screen keeps to itself. */
interface ScreenInternals {
  readonly lines: CellLine[];
  readonly dattr: number;
  attrCode(code: string, current: number, fallback: number): number;
}

/** Where something lies on the screen, in cells and lines from 0 on. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture that lies over the lines, in lines of text and SGR of its own. */
export interface Inset extends Area {
  readonly lines: readonly string[];
}

export interface Canvas {
  /**
   * Lines of text and SGR, as paint() makes them: each sequence says all that is wanted. True when one of them differs from what is
   * there.
   */
  set(lines: readonly string[]): boolean;
  /** Lays a picture over them, or takes it away. */
  setInset(inset: Inset | null): void;
  /** Everything is to be written anew: something else has drawn over it. */
  invalidate(): void;
}

/**
 * A box over the whole screen that writes its lines into blessed's cells by itself, and only those that changed. A plain box
 * parses and lays out all of its content for every frame, which was half of what a refresh cost; cells that
 * differ from what the terminal shows are still found and sent by blessed.
 */
export function canvas(screen: Widgets.Screen): Canvas {
  const internals = screen as unknown as ScreenInternals;
  const box = new Box({ parent: screen, top: 0, left: 0, width: "100%", height: "100%" });
  const attributes = new Map<string, number>();
  let lines: readonly string[] = [];
  let stale: boolean[] = [];
  let inset: Inset | null = null;
  let written: CellLine[] | null = null;

  function attributesOf(sgr: string): number {
    let value = attributes.get(sgr);
    if (value === undefined) {
      value = internals.attrCode(sgr, internals.dattr, internals.dattr);
      attributes.set(sgr, value);
    }
    return value;
  }

  function write(y: number): void {
    const row = internals.lines[y]!;
    const text = lines[y] ?? "";
    const over = inset?.lines[y - inset.top];
    if (inset === null || over === undefined) return writeCells(row, text, 0, row.length, row.length, row.length);
    const end = Math.min(row.length, inset.left + inset.width);
    writeCells(row, text, 0, row.length, inset.left, end);
    writeCells(row, over, inset.left, end, end, end);
  }

  /**
   * One text into the cells of a row from one to another, filled up with blanks; those that are covered stay as they are. It runs for tens of lines
   * in each refresh, and once for each cell of them: nothing is made in it, and it takes nothing but numbers beside the row.
   */
  function writeCells(
    row: CellLine,
    text: string,
    from: number,
    to: number,
    coveredFrom: number,
    coveredTo: number,
  ): void {
    let attribute = internals.dattr;
    let x = from;
    for (let i = 0; i < text.length && x < to;) {
      const code = text.charCodeAt(i);
      if (code === ESCAPE) {
        const end = text.indexOf("m", i) + 1;
        attribute = attributesOf(text.slice(i, end));
        i = end;
        continue;
      }
      const point = code < FIRST_WIDE ? code : text.codePointAt(i)!;
      const char = code < FIRST_WIDE ? text[i]! : String.fromCodePoint(point);
      i += char.length;
      if (x < coveredFrom || x >= coveredTo) setCell(row, x, attribute, char);
      x++;
      if (point < FIRST_WIDE || charWidth(point) === 1) continue;
      // The second half of a wide character: blessed passes over it.
      if (x < coveredFrom || x >= coveredTo) setCell(row, x, attribute, " ");
      x++;
    }
    for (; x < to; x++) if (x < coveredFrom || x >= coveredTo) setCell(row, x, internals.dattr, " ");
  }

  function setStale({ top, height }: Area): void {
    for (let y = top; y < top + height; y++) stale[y] = true;
  }

  Object.assign(box, {
    render(): void {
      // New cells after a resize or a redraw: nothing of ours is in them.
      const all = written !== internals.lines;
      written = internals.lines;
      for (let y = 0; y < internals.lines.length; y++) if (all || stale[y] !== false) write(y);
      stale = lines.map(() => false);
    },
  });

  return {
    set(next) {
      let changed = next.length !== lines.length;
      if (changed) stale = [];
      for (let y = 0; y < next.length; y++) {
        if (next[y] === lines[y]) continue;
        stale[y] = true;
        changed = true;
      }
      lines = next;
      return changed;
    },
    setInset(next) {
      for (const one of [inset, next]) if (one !== null) setStale(one);
      inset = next;
    },
    invalidate() {
      written = null;
    },
  };
}

function setCell(row: CellLine, x: number, attribute: number, char: string): void {
  const cell = row[x];
  if (cell === undefined || (cell[0] === attribute && cell[1] === char)) return;
  cell[0] = attribute;
  cell[1] = char;
  row.dirty = true;
}

const ESCAPE = 0x1b;
const FIRST_WIDE = 0x1100;
