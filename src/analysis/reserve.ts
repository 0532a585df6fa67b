import type { Sample } from "../model/reading.ts";
import { slots, type Slots } from "./slots.ts";

export interface Reserve {
  /** "superuser" or "reserved". */
  readonly name: "superuser" | "reserved";
  readonly left: number;
}

/**
 * Which reserve our connection sits in: an ordinary role would have been refused at this moment. The reserves are no places of their
 * own but a number of free slots, so that everybody beyond the app limit sits in them, we among them.
 */
export function reserveOf(sample: Sample): Reserve | null {
  const { lane, rights } = sample.server;
  if (lane === "walsender" || lane === "host" || !rights.usesReserved) return null;
  return reserve(slots(sample));
}

function reserve({ app, used, max, superuserReserved }: Slots): Reserve | null {
  if (app === null || max === null || superuserReserved === null || used.low <= app) return null;
  const beforeSuperusers = max - superuserReserved;
  if (used.low <= beforeSuperusers && beforeSuperusers > app)
    return { name: "reserved", left: Math.max(0, beforeSuperusers - used.low) };
  return { name: "superuser", left: Math.max(0, max - used.low) };
}
