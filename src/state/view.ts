import { HOLDER_BYS, type HolderBy } from "../analysis/holder-groups.ts";
import { NO_WISH, type WhatIf } from "../analysis/outlook.ts";
import type { BackendKey } from "../model/backend.ts";
import type { Chooser } from "./chooser.ts";
import type { ColumnId } from "./columns.ts";
import { NO_ENTRIES, type Editor, type Entries } from "./editor.ts";
import { NO_FILTER, type Filter } from "./filter.ts";
import type { HolderSort } from "./holder-rows.ts";
import type { Sort } from "./rows.ts";

export type TabId = "sessions" | "blocking" | "holders" | "vacuum" | "server";

/** What the Server tab shows. */
export type ServerView = "processes" | "memory" | "settings";

export type PlaceId = TabId | ServerView;

/** Where somebody is in a tab. */
export interface TabPlace {
  /** The key of a row; null until there is one. */
  readonly cursor: string | null;
  /** Where it was last; when it has gone, whoever is there now gets selected. */
  readonly index: number;
  /** First visible row. */
  readonly top: number;
}

export interface View {
  /** What lies over the whole screen; "sessions" is none of these: the tab that is open. */
  readonly page: "sessions" | "detail" | "help" | "columns" | "log" | "entry" | "findings";
  readonly tab: TabId;
  /** Of the other lists than the sessions. */
  readonly places: Readonly<Partial<Record<PlaceId, TabPlace>>>;
  /** Rows of the blocking tree that are folded, and groups that are folded by themselves and are not. */
  readonly toggled: ReadonlySet<string>;
  /** What the holders are grouped by. */
  readonly holdersBy: HolderBy;
  readonly holderSort: HolderSort;
  readonly serverView: ServerView;
  /** What is thought of otherwise on the Server tab. */
  readonly whatIf: WhatIf;
  /** The finding that is explained; null is the worst. */
  readonly finding: string | null;
  /** How many statements of which finding have been copied, one after the other. */
  readonly copied: { readonly finding: string; readonly n: number } | null;
  /** Where Esc goes from the help. */
  readonly back: "sessions" | "detail";
  readonly sort: Sort;
  /** Those that were chosen, in their order; null is our choice, by the width of the screen. */
  readonly columns: readonly ColumnId[] | null;
  readonly chooser: Chooser | null;
  readonly filter: Filter;
  readonly showIdle: boolean;
  /** The selected backend, by identity: it stays selected wherever sorting takes it. */
  readonly cursor: BackendKey | null;
  /** Where it was last; when it has ended, whoever is there now gets selected. */
  readonly cursorIndex: number;
  /** First visible row. */
  readonly top: number;
  readonly follow: BackendKey | null;
  readonly tagged: ReadonlySet<BackendKey>;
  /** Cells by which query texts are scrolled to the left, if they are as long as that. */
  readonly queryLeft: number;
  /** Lines by which the page (help, detail) is scrolled. */
  readonly pageTop: number;
  readonly editor: Editor | null;
  readonly entries: Entries;
  readonly find: string;
  /** Somebody has chosen a row. Until then the cursor goes to the worst session, sample by sample. */
  readonly chosen: boolean;
  /** Clicks and the wheel act; the terminal's own selection needs Shift. */
  readonly mouse: boolean;
}

export const DEFAULT_SORT: Sort = { column: "xact", descending: true };

export const EMPTY_VIEW: View = {
  page: "sessions",
  tab: "sessions",
  places: {},
  toggled: new Set(),
  holdersBy: HOLDER_BYS[0]!,
  holderSort: "count",
  serverView: "processes",
  whatIf: NO_WISH,
  finding: null,
  copied: null,
  back: "sessions",
  sort: DEFAULT_SORT,
  columns: null,
  chooser: null,
  filter: NO_FILTER,
  showIdle: true,
  cursor: null,
  cursorIndex: 0,
  top: 0,
  follow: null,
  tagged: new Set(),
  queryLeft: 0,
  pageTop: 0,
  editor: null,
  entries: NO_ENTRIES,
  find: "",
  chosen: false,
  mouse: false,
};
