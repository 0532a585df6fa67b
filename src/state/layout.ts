import { lastResult } from "../analysis/last-result.ts";

/** How the parts of the screen share its cells. Pure geometry, so that cursor keys and panels agree on what is visible. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Style = "wide" | "medium" | "small" | "tiny" | "line";

export interface Layout {
  readonly style: Style;
  /** Heights in lines; 0 means left out. */
  readonly header: number;
  readonly states: number;
  readonly tabs: number;
  /** The column titles. */
  readonly titles: number;
  readonly rows: number;
  readonly status: number;
  readonly detail: number;
  readonly footer: number;
}

type Part = Exclude<keyof Layout, "style" | "rows">;

const PREFERRED: Readonly<Record<Style, Readonly<Record<Part, number>>>> = {
  wide: { header: 5, states: 10, tabs: 1, titles: 1, status: 1, detail: 12, footer: 1 },
  medium: { header: 5, states: 3, tabs: 1, titles: 1, status: 1, detail: 9, footer: 1 },
  small: { header: 4, states: 2, tabs: 1, titles: 1, status: 1, detail: 1, footer: 1 },
  tiny: { header: 3, states: 0, tabs: 0, titles: 1, status: 1, detail: 0, footer: 1 },
  line: { header: 1, states: 0, tabs: 0, titles: 0, status: 0, detail: 0, footer: 0 },
};

/** What goes first when lines are short; the gauge and at least three rows stay. */
const GIVEN_UP: readonly Part[] = ["detail", "states", "tabs", "status"];
const ENOUGH_ROWS: Readonly<Record<Style, number>> = { wide: 10, medium: 8, small: 3, tiny: 10, line: 0 };

const DETAIL_BELOW: Readonly<Record<Style, (height: number) => number>> = {
  wide: (height) => Math.max(8, height - 40),
  medium: (height) => Math.max(5, height - 30),
  small: () => 1,
  tiny: () => 0,
  line: () => 0,
};

// Every panel asks how the same screen is shared, and so do keys and clicks.
export const layout = lastResult((size: Size): Layout => {
  const style = styleOf(size);
  const parts = { ...PREFERRED[style] };
  // On a screen that has just become large enough for a detail pane, the list is still worth more.
  parts.detail = Math.min(parts.detail, DETAIL_BELOW[style](size.height));
  const rowsLeft = (): number => size.height - Object.values(parts).reduce((sum, lines) => sum + lines, 0);
  for (const part of GIVEN_UP) {
    if (rowsLeft() >= ENOUGH_ROWS[style]) break;
    const smallest = style === "medium" && part === "detail" ? 3 : 0;
    parts[part] = Math.max(smallest, parts[part] - (ENOUGH_ROWS[style] - rowsLeft()));
    // A box with fewer lines than its frame, or half a line of states, says nothing.
    if (style === "wide" && part === "detail" && parts.detail < 6) parts.detail = 0;
    if (part !== "detail") parts[part] = 0;
  }
  return { style, ...parts, rows: Math.max(0, rowsLeft()) };
});

/**
 * The same for the other tabs: their titles belong to them, and more than a line is said about what is selected. On a small screen that is worth
 * more than the states.
 */
export function tabLayout(size: Size): Layout {
  const parts = { ...layout(size), titles: 0 };
  if (parts.style === "small") {
    parts.states = 0;
    parts.detail = size.height >= 20 ? Math.min(7, size.height - 18) : 0;
  }
  const { style: _, rows: __, ...lines } = parts;
  return { ...parts, rows: Math.max(0, size.height - Object.values(lines).reduce((sum, n) => sum + n, 0)) };
}

/** Where a page of its own would show nothing, there is none. */
export function hasPages({ width, height }: Size): boolean {
  return width >= 20 && height >= 6;
}

function styleOf({ width, height }: Size): Style {
  if (width >= 160 && height >= 40) return "wide";
  if (width >= 100 && height >= 30) return "medium";
  if (width >= 80 && height >= 10) return "small";
  return width >= 40 && height >= 8 ? "tiny" : "line";
}
