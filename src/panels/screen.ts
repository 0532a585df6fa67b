import { hasPages, layout } from "../state/layout.ts";
import { moment, withView, type State } from "../state/state.ts";
import { footer, status, tabs } from "./bottom.ts";
import { chooserPage } from "./chooser.ts";
import { detailLines, detailPage, detailPane } from "./detail.ts";
import { withDialog } from "./dialog.ts";
import { entryLines, entryPage, lockedOut } from "./entry.ts";
import { findingsLines, findingsPage } from "./findings.ts";
import { header, titleOf } from "./header.ts";
import { helpLines, helpPage } from "./help.ts";
import type { Line } from "./line.ts";
import { logLines, logPage } from "./action-log.ts";
import { lowestTop } from "./page.ts";
import { sessions } from "./sessions.ts";
import { statesPanel } from "./states.ts";
import { tabScreen } from "./tab.ts";

/** The whole screen: exactly as many lines as it is high. */
export function screen(state: State): Line[] {
  const { height } = state.size;
  const lines = page(state).slice(0, Math.max(0, height));
  while (lines.length < height) lines.push({ spans: [] });
  return withDialog(state, lines);
}

/** The state with its page scrolled no further than its last line; how long a page is, only its panel knows. */
export function settled(state: State): State {
  const { page, pageTop } = state.view;
  if (pageTop === 0 || page === "sessions" || page === "columns") return state;
  return withView(state, { pageTop: Math.min(pageTop, lowestTop(state, pageLines(state, page).length)) });
}

function pageLines(state: State, page: "help" | "log" | "detail" | "entry" | "findings"): readonly Line[] {
  if (page === "help") return helpLines(state.size.width - 2, state.options.readOnly);
  if (page === "entry") return entryLines(state, state.size.width - 4);
  if (page === "findings") return findingsLines(state, state.size.width - 4);
  return page === "log" ? logLines(state) : detailLines(state);
}

function page(state: State): Line[] {
  if (hasPages(state.size)) {
    if (state.view.page === "help") return helpPage(state);
    if (state.view.page === "detail") return detailPage(state);
    if (state.view.page === "columns") return chooserPage(state);
    if (state.view.page === "log") return logPage(state);
    if (state.view.page === "entry") return entryPage(state);
    if (state.view.page === "findings") return findingsPage(state);
  }
  // Nothing has ever been read, and nothing can be: there is more to say about that than a line takes.
  if (moment(state) === null && state.connection.kind === "lost") return [titleOf(state), ...lockedOut(state)];
  // However small: keys are about what is marked, so that has to be the row that is seen.
  if (state.view.tab !== "sessions") return tabScreen(state);
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
