import { mayBeCut } from "../model/backend.ts";
import { layout } from "./layout.ts";
import type { Effect } from "./message.ts";
import { selectedRow } from "./selection.ts";
import type { Detail, State } from "./state.ts";

/** The list has the beginning of each query; where the selected one may be longer and its text is shown, ask for the whole. */
export function wantQuery(state: State): readonly [State, readonly Effect[]] {
  const shown = state.view.page === "detail" || layout(state.size).detail > 1;
  const backend = selectedRow(state)?.backend;
  if (!shown || backend === undefined || !mayBeCut(backend.query) || state.frozen !== null) return [state, []];
  const { detail } = state;
  const askedSeconds = backend.queryStartSeconds;
  if (detail?.key === backend.key && detail.askedSeconds === askedSeconds) return [state, []];
  const asked: Detail = { key: backend.key, askedSeconds, queryStartSeconds: askedSeconds, query: null };
  return [{ ...state, detail: asked }, [{ kind: "fetch-query", backend }]];
}
