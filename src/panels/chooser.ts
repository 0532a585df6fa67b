import { markedColumns } from "../state/chooser.ts";
import { withPid } from "../state/column-choice.ts";
import { column } from "../state/columns.ts";
import { placement } from "../state/placement.ts";
import type { State } from "../state/state.ts";
import { fit, wrap } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import { page } from "./page.ts";
import { filled, fitSpans } from "./spread.ts";

/** Where columns are chosen: every one with what it shows, marked when it is on, in the order of the list. */
export function chooserPage(state: State): Line[] {
  const { order, index } = state.view.chooser!;
  const marked = markedColumns(state);
  const { shown, missing } = placement(state);
  const said = missing === 0 ? [] : [toned("warn", `${missingWords(missing)} on a screen of this width. `)];
  // Above the list, and always as high: it must not jump under the cursor.
  const head = [line(" ", ...said, heading(state)), ...filled(wholeHelp(state), HELP_LINES)];
  const body = order.map((id, i): Line => {
    const { title, help } = column(id);
    const on = id === "pid" || marked.includes(id);
    const fits = !on || shown.has(id);
    const mark = on ? "[x]" : "[ ]";
    const spans = [
      toned("normal", i === index ? "> " : "  "),
      toned(on ? "key" : "muted", `${mark} `),
      toned(on ? "title" : "muted", fit(title, TITLE_CELLS)),
      ...(fits ? [] : [toned("warn", "does not fit  ")]),
      toned(on ? "normal" : "muted", help),
    ];
    return { spans: i === index ? asBar(spans, state.size.width - 2) : spans };
  });
  return page(state, "Columns", [...head, ...body], {
    seen: head.length + index,
    keys: [
      ["Space", "show or hide"],
      ["← →", "move"],
      ["0", "automatic"],
      ["Enter", "back"],
    ],
  });
}

/** Columns that were chosen and for which there is no room. */
export function missingWords(missing: number): string {
  return `${plural(missing, "column")} ${missing === 1 ? "does" : "do"} not fit`;
}

/** The cursor, within the frame. */
function asBar(spans: readonly Span[], width: number): Span[] {
  return fitSpans(spans, width).map(({ text }) => toned("selected", text));
}

/** What the column under the cursor shows: beside its title there may be no room for all of it. */
function wholeHelp(state: State): Line[] {
  const { order, index } = state.view.chooser!;
  const { id, title, help } = column(order[index]!);
  const text = `${title}: ${help}${id === "pid" ? "; always on, since it is who a row is about" : ""}`;
  return wrap([text], Math.max(10, state.size.width - 4)).map((piece) => line(toned("muted", ` ${piece}`)));
}

function heading(state: State): string {
  if (state.view.columns === null) return "Automatic: as many as the screen has room for";
  return `Chosen: --columns ${withPid(state.view.columns).join(",")}`;
}

const TITLE_CELLS = 9;
const HELP_LINES = 2;
