import { plural } from "../text/format.ts";
import { moment, visibleRows, withNotice, withView, type State } from "./state.ts";

/**
 * Tags every session that is listed, and when all of them are tagged already, takes these tags back. Tags of sessions that the filter
 * keeps off the list stay as they are. Our own session is none of a group, and a parallel worker goes with its leader.
 */
export function tagListed(state: State): State {
  const own = moment(state)?.sample.server.ownPid;
  const keys = visibleRows(state)
    .all.filter(({ backend, mark }) => mark !== "gone" && backend.pid !== own)
    .filter(({ backend }) => backend.backendType !== "parallel worker")
    .map(({ backend }) => backend.key);
  if (keys.length === 0) return withNotice(state, "no session is listed that could be tagged");
  const tagged = new Set(state.view.tagged);
  const untag = keys.every((key) => tagged.has(key));
  for (const key of keys) {
    if (untag) tagged.delete(key);
    else tagged.add(key);
  }
  const elsewhere = tagged.size - (untag ? 0 : keys.length);
  const others = elsewhere === 0 ? "" : `, ${elsewhere} more ${elsewhere === 1 ? "is" : "are"} tagged and not listed`;
  const words = `${plural(keys.length, "session")} ${untag ? "untagged" : "tagged"}${others}`;
  return withNotice(withView(state, { tagged }), words);
}
