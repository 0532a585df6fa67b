import type { PreparedTransaction } from "../model/action.ts";
import type { Backend } from "../model/backend.ts";
import { rollbackPrepared } from "../text/statements.ts";
import type { Effect } from "./message.ts";
import { selectedRow } from "./selection.ts";
import type { State } from "./state.ts";

/** What stands for a prepared transaction among those who block: it has no session, so no pid. */
export const NO_SESSION = 0;

/** Whom the server has named as what this backend waits for; empty until then, and where it could not tell. */
export function preparedBefore(state: State, backend: Backend): readonly PreparedTransaction[] {
  const { holdings } = state;
  return holdings?.key === backend.key && waitsForPrepared(backend) ? holdings.prepared : [];
}

/** What ends it: for somebody else to run, in its own database. */
export function rollback({ gid }: PreparedTransaction): string {
  return rollbackPrepared(gid);
}

/** As long as it waits, it may come to wait for another one within the same query. */
const ASKED_AGAIN_MS = 10_000;

/** Where the selected session waits for a prepared transaction, which one that is has to be asked for. */
export function wantHoldings(state: State): readonly [State, readonly Effect[]] {
  const row = selectedRow(state);
  if (row === null || row.mark === "gone" || !waitsForPrepared(row.backend)) return [state, []];
  if (state.frozen !== null || state.dialog !== null || state.connection.kind !== "live") return [state, []];
  const { backend } = row;
  const { holdingsAsked: asked } = state;
  const queryStartSeconds = backend.queryStartSeconds;
  const same = asked?.key === backend.key && asked.queryStartSeconds === queryStartSeconds;
  if (same && state.now - asked.at < ASKED_AGAIN_MS) return [state, []];
  const holdingsAsked = { key: backend.key, queryStartSeconds, at: state.now };
  return [{ ...state, holdingsAsked }, [{ kind: "fetch-holdings", backend }]];
}

function waitsForPrepared(backend: Backend): boolean {
  return backend.blockedBy.includes(NO_SESSION);
}
