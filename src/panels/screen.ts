import { layout } from "../state/layout.ts";
import type { State } from "../state/state.ts";
import { footer, status, tabs } from "./bottom.ts";
import { detailPage, detailPane } from "./detail.ts";
import { header } from "./header.ts";
import { helpPage } from "./help.ts";
import type { Line } from "./line.ts";
import { sessions } from "./sessions.ts";
import { statesPanel } from "./states.ts";

/** The whole screen: exactly as many lines as it is high. */
export function screen(state: State): Line[] {
  const { height } = state.size;
  const lines = page(state).slice(0, Math.max(0, height));
  while (lines.length < height) lines.push({ spans: [] });
  return lines;
}

function page(state: State): Line[] {
  if (layout(state.size).style !== "line") {
    if (state.view.page === "help") return helpPage(state);
    if (state.view.page === "detail") return detailPage(state);
  }
  const parts = layout(state.size);
  return [
    ...header(state),
    ...statesPanel(state),
    ...(parts.tabs > 0 ? [tabs(state)] : []),
    ...sessions(state),
    ...(parts.status > 0 ? [status(state)] : []),
    ...detailPane(state),
    ...(parts.footer > 0 ? [footer(state)] : []),
  ];
}
