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
    const over = inset?.lines[y - inset.top];
    if (inset === null || over === undefined) return writeCells(row, lines[y] ?? "", 0, row.length, null);
    writeCells(row, lines[y] ?? "", 0, row.length, inset);
    writeCells(row, over, inset.left, Math.min(row.length, inset.left + inset.width), null);
  }

  /** One text into the cells of a row from one to another, filled up with blanks; those that lie under something stay as they are. */
  function writeCells(row: CellLine, text: string, from: number, to: number, under: Area | null): void {
    const coveredFrom = under?.left ?? to;
    const coveredTo = under === null ? to : under.left + under.width;
    let attribute = internals.dattr;
    let x = from;
    const put = (char: string): void => {
      const cell = x >= coveredFrom && x < coveredTo ? undefined : row[x];
      if (cell !== undefined && (cell[0] !== attribute || cell[1] !== char)) {
        cell[0] = attribute;
        cell[1] = char;
        row.dirty = true;
      }
      x++;
    };
    for (let i = 0; i < text.length && x < to;) {
      const code = text.charCodeAt(i);
      if (code === ESCAPE) {
        const end = text.indexOf("m", i) + 1;
        attribute = attributesOf(text.slice(i, end));
        i = end;
      } else if (code < FIRST_WIDE) {
        put(text[i]!);
        i++;
      } else {
        const point = text.codePointAt(i)!;
        const char = String.fromCodePoint(point);
        put(char);
        // The second half of a wide character: blessed passes over it.
        if (charWidth(point) === 2) put(" ");
        i += char.length;
      }
    }
    attribute = internals.dattr;
    while (x < to) put(" ");
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

const ESCAPE = 0x1b;
const FIRST_WIDE = 0x1100;
