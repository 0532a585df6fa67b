import type { Watch } from "../model/watch.ts";
import { USAGE_COLUMNS } from "./columns.ts";
import type { Effect } from "./message.ts";
import type { State } from "./state.ts";

/** What the next samples are to have beside what every sample has: looking closely costs, and is done for what is looked at. */
export function wantWatch(state: State): readonly [State, readonly Effect[]] {
  const watch = wanted(state);
  const { workings, usage } = state.watch;
  if (watch.workings === workings && watch.usage === usage) return [state, []];
  return [{ ...state, watch }, [{ kind: "watch", watch }]];
}

function wanted({ view, frozen }: State): Watch {
  // The page of a session tells how far it is, and what it takes of the machine; a picture that stands still gets none of that any more.
  const close = readsProcesses(view) || (view.page === "detail" && frozen === null);
  const columns = [view.sort.column, ...(view.columns ?? [])];
  return {
    workings: close,
    usage: close || readsMemory(view) || (view.tab === "sessions" && columns.some((id) => USAGE_COLUMNS.has(id))),
  };
}

function readsProcesses({ tab, serverView }: State["view"]): boolean {
  return tab === "server" && serverView === "processes";
}

function readsMemory({ tab, serverView }: State["view"]): boolean {
  return tab === "server" && serverView === "memory";
}
