/** Sampling may keep the server busy for this share of the time, and no more. */
const SHARE = 0.1;
/** So many samples are looked at; before there are three of them, nothing is concluded. */
export const COSTS_KEPT = 5;
const ENOUGH = 3;

/**
 * Seconds between samples: as wanted, or as long as it takes for the server to be busy with us for a tenth of the time. The median
 * decides, so that one slow sample changes nothing; half seconds, so that it does not change all the time.
 *
 * @param serverMs how long the server was busy with each of the last samples, milliseconds
 */
export function affordableInterval(wantedSeconds: number, serverMs: readonly number[]): number {
  if (serverMs.length < ENOUGH) return wantedSeconds;
  const median = serverMs.toSorted((a, b) => a - b)[Math.trunc(serverMs.length / 2)]!;
  const least = median / 1000 / SHARE;
  return least <= wantedSeconds ? wantedSeconds : Math.ceil(least * 2) / 2;
}
