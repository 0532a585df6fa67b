import type { Refusal } from "../connection/refusal.ts";
import type { ClosedLane } from "../model/lane.ts";

/** A lane that there is not here; the message says why. */
export class NoLaneError extends Error {}

/** Why nobody lets us in, for a line on standard error: one lane speaks for itself, several are named. */
export function shutOut({ closed }: ShutOutError): string {
  if (closed.length === 1) return closed[0]!.why;
  return closed.map(({ lane, why }, i) => (i === 0 ? why : `By the ${lane} lane: ${why}`)).join(" ");
}

/** No lane lets us in: which were tried, and why each is closed. */
export class ShutOutError extends Error {
  /** Those that were tried or could not be, in their order; the first is the one that was asked for. */
  readonly closed: readonly ClosedLane[];
  /** What decided: the word of the lane that was asked for. */
  readonly refusal: Refusal;
  /** The walsender lane is open, but by its last place. */
  readonly lastPlace: boolean;

  constructor(closed: readonly ClosedLane[], refusal: Refusal, lastPlace: boolean, cause: unknown) {
    super(closed.map(({ lane, why }) => `${lane}: ${why}`).join(" "), { cause });
    this.closed = closed;
    this.refusal = refusal;
    this.lastPlace = lastPlace;
  }
}
