import { moment, shownHistory, type State } from "../state/state.ts";
import type { TabId } from "../state/view.ts";
import type { BlockingRow } from "../state/blocking-rows.ts";
import type { HolderRow } from "../state/holder-rows.ts";
import type { PinRow } from "../state/pin-rows.ts";
import type { TabRow } from "../state/tab-row.ts";
import { blockingBelow } from "./blocking-below.ts";
import { blockingEmpty, blockingHead, blockingLine } from "./blocking.ts";
import { holdersBelow } from "./holder-below.ts";
import { holdersEmpty, holdersHead, holdersLine, holdersShown, type HoldersShown } from "./holders.ts";
import { line, toned, type Line } from "./line.ts";
import { serverBelow, serverEmpty, serverHead, serverLine } from "./server.ts";
import { vacuumBelow, vacuumEmpty, vacuumHead, vacuumLine } from "./vacuum.ts";

/** How a tab looks. Its rows are those of state/tabs.ts; asked for nothing before there is a sample. */
export interface TabPanel {
  /** Its summary and titles: as many lines as the tab says. */
  readonly head: (state: State, width: number) => readonly Line[];
  /** One row; its first cell is the cursor's. */
  readonly line: (state: State, row: TabRow, width: number) => Line;
  /** About the selected row. */
  readonly below: (state: State, row: TabRow | null, width: number, height: number) => readonly Line[];
  /** Why there are no rows. */
  readonly empty: (state: State) => Line;
}

export const TAB_PANELS: Readonly<Record<Exclude<TabId, "sessions">, TabPanel>> = {
  blocking: panel<BlockingRow>({
    head: (sample, _, width) => blockingHead(sample, width),
    line: (row, sample, _, width) => blockingLine(row, sample, width),
    below: (row, sample, _, width, height) => blockingBelow(row, sample, width, height),
    empty: (sample) => blockingEmpty(sample),
  }),
  holders: panel<HolderRow>({
    head: (sample, state, width) => holdersHead(shown(state, sample), width),
    line: (row, sample, state, width) => holdersLine(row, shown(state, sample), width),
    below: (row, sample, state, width, height) => holdersBelow(row, shown(state, sample), width, height),
    empty: () => line(toned("muted", ` ${holdersEmpty()}`)),
  }),
  vacuum: panel<PinRow>({
    head: (sample, _, width) => vacuumHead(sample, width),
    line: (row, sample, _, width) => vacuumLine(row, sample, width),
    below: (row, sample, state, width, height) =>
      vacuumBelow(row, state.deadTuples?.tables ?? null, sample, width, height),
    empty: (sample) => line(toned("muted", ` ${vacuumEmpty(sample)}`)),
  }),
  server: panel<TabRow>({
    head: serverHead,
    line: serverLine,
    below: serverBelow,
    empty: serverEmpty,
  }),
};

type Shown = NonNullable<ReturnType<typeof moment>>["sample"];

interface OfSample<R extends TabRow> {
  readonly head: (sample: Shown, state: State, width: number) => readonly Line[];
  readonly line: (row: R, sample: Shown, state: State, width: number) => Line;
  readonly below: (row: R | null, sample: Shown, state: State, width: number, height: number) => readonly Line[];
  readonly empty: (sample: Shown, state: State) => Line;
}

/** Rows and panel of a tab belong together, which the registries cannot say in types. */
function panel<R extends TabRow>({ head, line, below, empty }: OfSample<R>): TabPanel {
  const sampleOf = (state: State): Shown | undefined => moment(state)?.sample;
  return {
    head: (state, width) => ofSample(sampleOf(state), (sample) => head(sample, state, width), []),
    line: (state, row, width) => ofSample(sampleOf(state), (sample) => line(row as R, sample, state, width), NOTHING),
    below: (state, row, width, height) =>
      ofSample(sampleOf(state), (sample) => below(row as R | null, sample, state, width, height), []),
    empty: (state) => ofSample(sampleOf(state), (sample) => empty(sample, state), NOTHING),
  };
}

const NOTHING: Line = { spans: [] };

function ofSample<T>(sample: Shown | undefined, show: (sample: Shown) => T, otherwise: T): T {
  return sample === undefined ? otherwise : show(sample);
}

function shown(state: State, sample: Shown): HoldersShown {
  return holdersShown(shownHistory(state), sample, state.view.holdersBy, state.view.holderSort);
}
