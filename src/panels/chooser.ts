import { markedColumns } from "../state/chooser.ts";
import { column } from "../state/columns.ts";
import { placement } from "../state/placement.ts";
import type { State } from "../state/state.ts";
import { fit } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { EMPTY_LINE, line, toned, type Line } from "./line.ts";
import { page } from "./page.ts";

/** Where columns are chosen: every one with what it shows, marked when it is on, in the order of the list. */
export function chooserPage(state: State): Line[] {
  const { order, index } = state.view.chooser!;
  const head = [line(` ${heading(state)}`), EMPTY_LINE];
  const marked = markedColumns(state);
  const { shown, missing } = placement(state);
  const body = order.map((id, i): Line => {
    const { title, help } = column(id);
    const on = id === "pid" || marked.includes(id);
    const fits = !on || shown.has(id);
    const mark = id === "pid" ? " ■ " : on ? "[x]" : "[ ]";
    return {
      spans: [
        toned("normal", i === index ? "> " : "  "),
        toned(on ? "key" : "muted", `${mark} `),
        toned(on ? "title" : "muted", fit(title, TITLE_CELLS)),
        ...(fits ? [] : [toned("warn", "does not fit  ")]),
        toned(on ? "normal" : "muted", id === "pid" ? `${help}; always on` : help),
      ],
      highlight: i === index ? "selected" : undefined,
    };
  });
  const said = missing === 0 ? [] : [EMPTY_LINE, line(toned("warn", ` ${missingWords(missing)} on this screen`))];
  return page(state, "Columns", [...head, ...body, ...said], {
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

function heading(state: State): string {
  if (state.view.columns === null) return "Automatic: as many as the screen has room for";
  const list = state.view.columns.includes("pid") ? state.view.columns : ["pid", ...state.view.columns];
  return `Chosen: --columns ${list.join(",")}`;
}

const TITLE_CELLS = 9;
