import { reserveOf } from "../analysis/reserve.ts";
import { slots, type Slots } from "../analysis/slots.ts";
import type { Lane } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { plural } from "../text/format.ts";
import { toned, type Span } from "./line.ts";

/** Each lane by its name. */
export const LANE_NAMES: Readonly<Record<Lane, string>> = {
  normal: "normal",
  rescue: "rescue",
  walsender: "walsender",
  host: "host",
};

/** What cannot be missed in the first line: that we are not in as one is in as a rule. Null when we are. */
export function laneBadge(sample: Sample): Span | null {
  switch (sample.server.lane) {
    case "walsender":
      return toned("critical", " WALSENDER LANE ");
    case "rescue":
      return toned("critical", " RESCUE LANE ");
    case "host":
      return toned("critical", " HOST VIEW, NO SQL ");
    case "normal":
      return reserveOf(sample) === null ? null : toned("critical", " IN THE RESERVE ");
  }
}

/**
 * What being in by this lane means, in half a sentence for the line of the verdict. Null where there is nothing to say.
 *
 * @param stays this lane is not left for a better one
 */
export function laneWords(sample: Sample, stays: boolean): string | null {
  const { lane, postmaster } = sample.server;
  switch (lane) {
    case "walsender": {
      const { used, max } = slots(sample).walsenders;
      const last = max !== null && used >= max;
      return last
        ? "we sit on the last walsender place: a standby that reconnects is refused"
        : stays
          ? "we use no slot"
          : "we use no slot; a normal one is taken once it is free";
    }
    case "rescue":
      return `in as ${sample.server.user}${stays ? "" : ", until a normal slot is free"}`;
    case "host": {
      const what = postmaster?.tellsActivity === false ? "no titles (update_process_title=off), " : "";
      return `from process titles: ${what}no query texts, locks or exact ages`;
    }
    case "normal": {
      const reserve = reserveOf(sample);
      return reserve === null ? null : `ordinary roles are refused; of the ${reserve.name} slots ${reserve.left} left`;
    }
  }
}

/** Connections that are no sessions yet and may never be: accepted, and nothing heard from them. */
export function halfOpenWords({ halfOpen }: Slots, { unfinished }: Sample): string | null {
  if (halfOpen === 0) return null;
  const [most] = unfinished;
  const from = most === undefined ? "" : `, ${most.count} from ${most.client}`;
  return `${plural(halfOpen, "half-open connection")}: no startup packet yet${from}`;
}
