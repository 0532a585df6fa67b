import { speaksSql } from "../model/lane.ts";
import type { Effect } from "./message.ts";
import { moment, type State } from "./state.ts";

/** Statistics of a table are told by its sessions when they end or rest: to look more often shows nothing new, and costs. */
const ASKED_AGAIN_MS = 30_000;

/** While somebody looks at what holds VACUUM back, what that costs has to be asked for: it is too dear for every sample. */
export function wantDeadTuples(state: State): readonly [State, readonly Effect[]] {
  const sample = moment(state)?.sample;
  if (state.view.tab !== "vacuum" || sample === undefined || !speaksSql(sample.server.lane)) return [state, []];
  if (state.frozen !== null || state.dialog !== null || state.connection.kind !== "live") return [state, []];
  const { deadTuples } = state;
  if (deadTuples !== null && state.now - deadTuples.askedAt < ASKED_AGAIN_MS) return [state, []];
  const tables = deadTuples?.tables ?? null;
  return [{ ...state, deadTuples: { askedAt: state.now, tables } }, [{ kind: "fetch-dead-tuples" }]];
}
