import type { State } from "../state/state.ts";
import { titleOf } from "./header.ts";
import { line, toned, type Line } from "./line.ts";
import { boxed } from "./spread.ts";

/** Title line, frame and footer: what a page takes of the height. */
const AROUND = 4;

/** How far down a page with so many lines can be scrolled. */
export function lowestTop(state: State, lines: number): number {
  return Math.max(0, lines - Math.max(1, state.size.height - AROUND));
}

/** A page of its own over the whole screen: which server and how old the picture is, then as much of the body as fits. */
export function page(state: State, title: string, body: readonly Line[]): Line[] {
  const { width, height } = state.size;
  const room = Math.max(1, height - AROUND);
  const lowest = lowestTop(state, body.length);
  const top = Math.min(state.view.pageTop, lowest);
  const where = lowest > 0 ? `  lines ${top + 1}-${Math.min(body.length, top + room)} of ${body.length}` : "";
  return [
    titleOf(state),
    ...boxed(title, body.slice(top, top + room), width, height - 2),
    line(toned("key", " ↑↓ PgUp PgDn "), "scroll", toned("key", "  Esc "), `back${where}`),
  ];
}
