import { trouble, type State } from "../state/state.ts";
import { copyLine } from "./copying.ts";
import { titleOf } from "./header.ts";
import { line, toned, type Line } from "./line.ts";
import { isFresh, isNewer, resultLine } from "./result-line.ts";
import { boxed } from "./spread.ts";

/** Title line, frame and footer: what a page takes of the height. */
const AROUND = 4;

interface PageOptions {
  /** The line that must be in sight, where the page is not scrolled but has a cursor. */
  readonly seen?: number;
  readonly keys?: readonly (readonly [key: string, does: string])[];
  /** The page itself tells why the picture is old: the last line is for the keys. */
  readonly tellsTrouble?: boolean;
}

export const SCROLL_KEYS = [
  ["↑↓ PgUp PgDn", "scroll"],
  ["Esc", "back"],
] as const;

/** A key that works on a page may have something to say, too; and why the picture is old must be said wherever one looks. */
function noticeLine(state: State, tellsTrouble: boolean): Line | null {
  const { notice } = state;
  const result = resultLine(state);
  if (notice !== null && !(result !== null && isNewer(state, notice)))
    return line(toned(notice.tone === "warn" ? "warn" : "title", ` ${notice.text}`));
  const why = tellsTrouble ? null : trouble(state);
  if (result !== null && (why === null || isFresh(state))) return result;
  return why === null ? null : line(" ", toned("critical", ` ${why} `), toned("key", "  Esc "), "back");
}

/** How far down a page with so many lines can be scrolled. */
export function lowestTop(state: State, lines: number): number {
  return Math.max(0, lines - Math.max(1, state.size.height - AROUND));
}

/** A page of its own over the whole screen: which server and how old the picture is, then as much of the body as fits. */
export function page(state: State, title: string, body: readonly Line[], options: PageOptions = {}): Line[] {
  const { width, height } = state.size;
  const { seen, keys = SCROLL_KEYS, tellsTrouble = false } = options;
  const room = Math.max(1, height - AROUND);
  const lowest = lowestTop(state, body.length);
  // A line or two beyond the cursor, so that it is seen that there is more.
  const wanted = seen === undefined ? state.view.pageTop : seen + Math.min(2, Math.trunc(room / 3)) + 1 - room;
  const top = Math.max(0, Math.min(wanted, lowest));
  const where = lowest > 0 ? `lines ${top + 1}-${Math.min(body.length, top + room)} of ${body.length}` : "";
  return [
    titleOf(state),
    ...boxed(title, body.slice(top, top + room), width, height - 2),
    copyLine(state) ??
      noticeLine(state, tellsTrouble) ??
      line(" ", ...keys.flatMap(([key, does]) => [toned("key", key), toned("normal", ` ${does}  `)]), where),
  ];
}
