import type { ClosedLane, Lane } from "./model/lane.ts";
import type { Source } from "./source/postgres.ts";

/** A source, the lane that it came by, and the word when its connection is lost between two samples. */
export interface Opened {
  readonly source: Source;
  readonly lane: Lane;
  /** Lanes above it that were tried in vain. */
  readonly closed: readonly ClosedLane[];
  /** The walsender lane is one of them, but for its last place, which is not taken unasked. */
  readonly lastPlace: boolean;
  onLost(listener: (error: Error) => void): void;
}

/** Why nobody lets us in, as far as the loop needs to know. */
export interface NotIn {
  /** In one sentence. */
  readonly reason: string;
  readonly closed: readonly ClosedLane[];
  readonly lastPlace: boolean;
  /** Trying often would lock the role out, and does not help. */
  readonly wrongPassword: boolean;
}
