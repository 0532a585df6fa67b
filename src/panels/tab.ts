import { layout, tabLayout } from "../state/layout.ts";
import type { State } from "../state/state.ts";
import { selectedTabRow, tabHead, tabHeight, tabPlace } from "../state/tab-cursor.ts";
import { tabOf, tabRows } from "../state/tabs.ts";
import { footer, status, tabs } from "./bottom.ts";
import { header } from "./header.ts";
import type { Line } from "./line.ts";
import { filled, fitSpans } from "./spread.ts";
import { statesPanel } from "./states.ts";
import { TAB_PANELS } from "./tab-panels.ts";

/** A tab beside the list of sessions: its summary, its rows with a cursor on one of them, and what is to be said about that one. */
export function tabScreen(state: State): Line[] {
  const parts = tabLayout(state.size);
  const keepsStates = parts.states > 0 && parts.states === layout(state.size).states;
  return [
    ...header(state),
    ...(keepsStates ? statesPanel(state) : filled([], parts.states)),
    ...(parts.tabs > 0 ? [tabs(state)] : []),
    ...list(state),
    ...(parts.status > 0 ? [status(state)] : []),
    ...(parts.detail > 0 ? below(state, parts.detail) : []),
    ...(parts.footer > 0 ? [footer(state)] : []),
  ];
}

function list(state: State): Line[] {
  const { id } = tabOf(state);
  const { rows: room } = tabLayout(state.size);
  const panel = TAB_PANELS[id as keyof typeof TAB_PANELS];
  const rows = tabRows(state);
  const { top } = tabPlace(state);
  const selected = selectedTabRow(state);
  const { width } = state.size;
  const lines = rows
    .slice(top, top + tabHeight(state))
    .map((row) => marked(panel.line(state, row, width), row === selected, width));
  if (rows.length === 0) lines.push(panel.empty(state));
  return filled([...filled(panel.head(state, width), tabHead(state)), ...lines], room);
}

/** The first cell of a row is the cursor's. */
function marked(one: Line, selected: boolean, width: number): Line {
  if (!selected) return one;
  const [first, ...rest] = one.spans;
  const mark = { text: ">", tone: first?.tone ?? ("normal" as const) };
  const under = first === undefined ? [] : [{ ...first, text: first.text.slice(1) }];
  return { spans: fitSpans([mark, ...under, ...rest], width), highlight: "selected" };
}

function below(state: State, height: number): Line[] {
  const panel = TAB_PANELS[tabOf(state).id as keyof typeof TAB_PANELS];
  return filled(panel.below(state, selectedTabRow(state), state.size.width, height), height);
}
