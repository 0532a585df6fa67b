import { isSameBackend, type BackendKey } from "../model/backend.ts";
import { speaksSql, type Lane } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { sameServer } from "../model/server-run.ts";
import { takeAway } from "./ask.ts";
import { byPid } from "./as-shown.ts";
import { withNotice, withView, type State } from "./state.ts";

/** The first of them, where both are of one server and name sessions alike: then it can be told what came and went between them. */
export function comparable(a: Sample | null, b: Sample): Sample | null {
  if (a === null || !sameServer(a.server, b.server)) return null;
  return speaksSql(a.server.lane) === speaksSql(b.server.lane) ? a : null;
}

/**
 * A sample has come by another lane than the one before: that is said. Where sessions have other names there, whatever was chosen stays
 * chosen by pid and start; but a question is closed, since what it showed cannot be compared with what would be signalled.
 */
export function acrossLanes(state: State, before: Sample | null, now: Sample): State {
  const from = before?.server.lane;
  const to = now.server.lane;
  if (before === null || from === undefined || from === to) return state;
  // What came of an order is worth more than the word that all is as it should be: no badge says that too.
  const brief = to === "normal" && now.takenAt - (state.outcomes.at(-1)?.changedAt ?? 0) < FRESH_MS;
  const told = brief ? state : withNotice(state, CHANGED[to], to === "normal" ? "info" : "warn");
  if (speaksSql(from) === speaksSql(to)) return told;
  const renamed = renaming(before, now);
  const { cursor, follow, tagged, places, toggled } = state.view;
  const rename = <K extends string | null>(key: K): K | BackendKey => renamed.get(key) ?? key;
  const view = {
    cursor: rename(cursor),
    follow: rename(follow),
    tagged: new Set([...tagged].map(rename)),
    // Rows of tabs that are sessions have the names of these; others keep theirs.
    places: Object.fromEntries(
      Object.entries(places).map(([tab, place]) => [tab, { ...place, cursor: rename(place.cursor) }]),
    ),
    toggled: new Set([...toggled].map((key) => rename(key))),
  };
  return takeAway(withView(told, view), "we look through another lane now");
}

const CHANGED: Readonly<Record<Lane, string>> = {
  normal: "in a normal connection slot: the other lane was given back",
  rescue: "in by the rescue lane",
  walsender: "in by the walsender lane: no connection slot was free for us",
  host: "no SQL any more: what is shown now comes from the processes of this machine",
};

/** As long as a result is news. */
const FRESH_MS = 10_000;

function renaming(before: Sample, now: Sample): ReadonlyMap<string | null, BackendKey> {
  const rows = byPid(now);
  return new Map(
    before.backends.flatMap((backend) => {
      const other = rows.get(backend.pid);
      return other !== undefined && isSameBackend(backend, other) ? [[backend.key, other.key] as const] : [];
    }),
  );
}
