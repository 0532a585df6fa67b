import { concurrency } from "../history/concurrency.ts";
import type { Sample } from "../model/reading.ts";
import type { MemoryRow } from "../state/memory-rows.ts";
import type { ProcessRow } from "../state/process-rows.ts";
import { SERVER_VIEWS } from "../state/server-keys.ts";
import type { SettingRow } from "../state/setting-rows.ts";
import { shownHistory, type State } from "../state/state.ts";
import { tabRows } from "../state/tabs.ts";
import type { TabRow } from "../state/tab-row.ts";
import type { ServerView } from "../state/view.ts";
import { EMPTY_LINE, toned, type Line, type Span } from "./line.ts";
import { memoryLine, memoryOutlook, memoryShown, memoryTitles, type MemoryShown } from "./memory.ts";
import { memoryBelow } from "./memory-below.ts";
import { memorySummary } from "./memory-summary.ts";
import { processesSummary } from "./process-head.ts";
import { processesBelow, processesEmpty, processesLine, processesTitles } from "./processes.ts";
import { settingsBelow } from "./settings-below.ts";
import { settingsEmpty, settingsLine, settingsSummary, settingsTitles } from "./settings.ts";
import { beside, filled, fitSpans, spansWidth } from "./spread.ts";

/** How one of the views looks. */
interface ViewPanel<R extends TabRow> {
  /** In a few words, beside the names of the views. */
  readonly summary: (sample: Sample, state: State, width: number) => Line;
  readonly titles: (sample: Sample, state: State, width: number) => Line;
  readonly line: (row: R, sample: Sample, state: State, width: number) => Line;
  readonly below: (row: R | null, sample: Sample, state: State, width: number, height: number) => readonly Line[];
  readonly empty: (sample: Sample) => Line;
}

const PROCESSES: ViewPanel<ProcessRow> = {
  summary: (sample, state, width) => processesSummary(sample, shownHistory(state), width),
  titles: (sample, _, width) => processesTitles(sample, width),
  line: (row, sample, state, width) => processesLine(row, sample, shownHistory(state), width),
  below(row, sample, state, width, height) {
    const history = shownHistory(state);
    if (width < SIDE_BY_SIDE) return processesBelow(row, sample, history, width, height);
    const left = Math.trunc(width * PROCESS_SHARE);
    const about = processesBelow(row, sample, history, left - 2, height);
    const memory = memorySummary(sample, width - left, height, state.options.thresholds);
    return beside([
      { width: left, lines: filled(about, height) },
      { width: width - left, lines: filled(memory, height) },
    ]);
  },
  empty: processesEmpty,
};

/** From here on there is room for what all of them may cost, beside what is said of one. */
const SIDE_BY_SIDE = 120;
const PROCESS_SHARE = 0.54;

const MEMORY: ViewPanel<MemoryRow> = {
  summary: (sample, state, width) => memoryOutlook(shown(sample, state), width),
  titles: (sample, state, width) => memoryTitles(shown(sample, state), width),
  line: (row, sample, state, width) => memoryLine(row, shown(sample, state), width),
  below: (row, sample, state, width, height) => memoryBelow(row, shown(sample, state), width, height),
  empty: () => EMPTY_LINE,
};

function shown(sample: Sample, state: State): MemoryShown {
  return memoryShown(sample, concurrency(shownHistory(state)), state.view.whatIf, state.options.thresholds);
}

const SETTINGS: ViewPanel<SettingRow> = {
  summary: (sample, state, width) => settingsSummary(tabRows(state) as readonly SettingRow[], sample, width),
  titles: (_, __, width) => settingsTitles(width),
  line: (row, sample, _, width) => settingsLine(row, sample, width),
  below: (row, sample, state, width, height) =>
    settingsBelow(row, tabRows(state) as readonly SettingRow[], sample, width, height),
  empty: settingsEmpty,
};

/** Rows and panel of a view belong together, which the registry cannot say in types. */
const VIEWS = { processes: PROCESSES, memory: MEMORY, settings: SETTINGS } as unknown as Readonly<
  Record<ServerView, ViewPanel<TabRow>>
>;

function viewOf({ view }: State): ViewPanel<TabRow> {
  return VIEWS[view.serverView];
}

/** Which of the views is open, and what there is to say of what it shows; then the titles of its columns. */
export function serverHead(sample: Sample, state: State, width: number): Line[] {
  const { summary, titles } = viewOf(state);
  const views = viewsSpans(state, width);
  const room = width - spansWidth(views);
  return [
    { spans: fitSpans([...views, ...summary(sample, state, Math.max(0, room)).spans], width) },
    titles(sample, state, width),
  ];
}

function viewsSpans({ view }: State, width: number): Span[] {
  const wide = width >= SIDE_BY_SIDE;
  const narrow = width < ALL_NAMES;
  const names = SERVER_VIEWS.filter(({ id }) => !narrow || id === view.serverView).flatMap(
    ({ id, title, short }): Span[] => {
      const name = wide ? title : short;
      return [toned("normal", " "), id === view.serverView ? toned("title", `[${name}]`) : toned("muted", ` ${name} `)];
    },
  );
  return [
    ...names,
    toned("normal", " "),
    toned("key", "z"),
    toned("muted", narrow ? "" : " next"),
    toned("frame", " │ "),
  ];
}

/** Below, the names of all views would take the room of what the open one has to say. */
const ALL_NAMES = 80;

export function serverLine(row: TabRow, sample: Sample, state: State, width: number): Line {
  return viewOf(state).line(row, sample, state, width);
}

export function serverBelow(
  row: TabRow | null,
  sample: Sample,
  state: State,
  width: number,
  height: number,
): readonly Line[] {
  return viewOf(state).below(row, sample, state, width, height);
}

export function serverEmpty(sample: Sample, state: State): Line {
  return viewOf(state).empty(sample);
}
