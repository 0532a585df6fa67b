import { blockTree } from "../analysis/block-tree.ts";
import { blockingRows } from "./blocking-rows.ts";
import { holderRows } from "./holder-rows.ts";
import { pinRows } from "./pin-rows.ts";
import { serverRows } from "./server-rows.ts";
import { moment, shownHistory, type State } from "./state.ts";
import type { TabId } from "./view.ts";
import type { TabRow } from "./tab-row.ts";

/** One tab beside the list of sessions: its place, its rows; how it looks is in panels. */
export interface Tab {
  readonly id: TabId;
  /** The digit that opens it. */
  readonly key: string;
  readonly title: string;
  readonly help: string;
  /** Lines above its list: a summary, titles of columns. */
  readonly head: number;
  /** A number behind its title; empty when there is nothing to count. */
  readonly badge: (state: State) => string;
  readonly rows: (state: State) => readonly TabRow[];
}

export const TABS: readonly Tab[] = [
  { id: "sessions", key: "1", title: "Sessions", help: "the sessions", head: 0, badge: () => "", rows: () => [] },
  {
    id: "blocking",
    key: "2",
    title: "Blocking",
    help: "who waits for whom, from those who wait for nobody down",
    head: 1,
    badge: (state) => counted(waiting(state)),
    rows: (state) => ofMoment(state, (sample) => blockingRows(sample, state.view.toggled)),
  },
  {
    id: "holders",
    key: "3",
    title: "Holders",
    help: "who holds the slots, by application, role, client, database, state or query, and who grows",
    head: 2,
    badge: () => "",
    rows: (state) =>
      ofMoment(state, (sample) => holderRows(shownHistory(state), sample, state.view.holdersBy, state.view.holderSort)),
  },
  {
    id: "vacuum",
    key: "4",
    title: "Vacuum",
    help: "what holds VACUUM back: old transactions and snapshots, prepared transactions, replication slots, standbys",
    head: 2,
    badge: () => "",
    rows: (state) => ofMoment(state, pinRows),
  },
  {
    id: "server",
    key: "5",
    title: "Server",
    help: "the server's processes, what they may cost in memory and what if, the settings that matter",
    head: 2,
    badge: () => "",
    rows: (state) => ofMoment(state, (sample) => serverRows(state, sample)),
  },
];

export function tabOf({ view }: State): Tab {
  return TABS.find(({ id }) => id === view.tab)!;
}

export function tabRows(state: State): readonly TabRow[] {
  return tabOf(state).rows(state);
}

/** Each tab's words on the line of tabs, and the cell where they begin; the open one in brackets. */
export function tabPlaces(
  state: State,
): readonly { readonly tab: Tab; readonly text: string; readonly left: number }[] {
  let left = 0;
  return TABS.map((tab) => {
    const badge = tab.badge(state);
    const words = `${tab.key} ${tab.title}${badge === "" ? "" : ` ${badge}`}`;
    const text = tab.id === state.view.tab ? `[${words}]` : ` ${words} `;
    const place = { tab, text, left: left + 1 };
    left += 1 + text.length;
    return place;
  });
}

function ofMoment(
  state: State,
  rows: (sample: NonNullable<ReturnType<typeof moment>>["sample"]) => readonly TabRow[],
): readonly TabRow[] {
  const pair = moment(state);
  return pair === null ? NO_ROWS : rows(pair.sample);
}

const NO_ROWS: readonly TabRow[] = [];

function waiting(state: State): number {
  const pair = moment(state);
  return pair === null ? 0 : blockTree(pair.sample).blocked;
}

function counted(n: number): string {
  return n === 0 ? "" : String(n);
}
