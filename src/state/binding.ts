import type { Effect } from "./message.ts";
import type { State } from "./state.ts";
import type { TabId } from "./view.ts";

/** One key: its handler, its place in the footer, its line on the help screen and in docs/keys.md are all this entry. */
export interface Binding {
  /** As ui/keys names them: "j", "S-tab", "C-l", "pagedown". The first is the one that is shown. */
  readonly keys: readonly string[];
  /** As it stands on a keyboard, for footer, help and docs. */
  readonly shown: string;
  /** One or two words for the footer; empty keeps it out of there. */
  readonly label: string;
  readonly help: string;
  readonly group: "Look" | "Move" | "Choose" | "End" | "Time" | "Screen";
  /** Where it works: on the list alone, on one session's page too, or on every page. It must not change a list that nobody sees. */
  readonly on: "list" | "detail" | "everywhere";
  /** Tabs beside the list of sessions where it works, too: all of them, some, or none. */
  readonly tabs: readonly TabId[] | "all";
  /** It can end in a signal, or shows what came of one: with --read-only it does not exist. */
  readonly acts?: true;
  readonly run: (state: State) => State | readonly [State, readonly Effect[]];
}

export function bind(
  keys: readonly string[],
  shown: string,
  label: string,
  help: string,
  group: Binding["group"],
  run: Binding["run"],
  on: Binding["on"] = "list",
): Binding {
  return { keys, shown, label, help, group, run, on, tabs: on === "list" ? [] : "all" };
}

export function onTabs(entry: Binding, tabs: Binding["tabs"] = "all"): Binding {
  return { ...entry, tabs };
}

export function acting(
  keys: readonly string[],
  shown: string,
  label: string,
  help: string,
  run: Binding["run"],
): Binding {
  return { ...bind(keys, shown, label, help, "End", run, "detail"), acts: true };
}
