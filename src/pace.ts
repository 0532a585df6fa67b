import { affordableInterval, COSTS_KEPT } from "./analysis/interval.ts";
import type { Sample } from "./model/reading.ts";

/** How often we sample: as was asked for, less often where that costs the server too much, more often for a while where somebody waits. */
export interface Pace {
  set(seconds: number): void;
  /** For so many seconds as often as the server can afford. */
  hurry(seconds: number): void;
  /** What a sample has cost; the interval, where that changes it, else null. */
  spent(sample: Sample): number | null;
  /** Seconds from the beginning of this sample to that of the next. */
  untilNext(sample: Sample): number;
}

/** In a hurry: what happens within the first second is seen in tenths of it. */
const HURRY_SECONDS = { first: 0.1, later: 0.5 };

export function pace(intervalSeconds: number): Pace {
  let wanted = intervalSeconds;
  let actual = wanted;
  const costs: number[] = [];
  let haste = { from: 0, until: 0 };

  return {
    set(seconds) {
      wanted = seconds;
      actual = seconds;
      costs.length = 0;
    },
    hurry(seconds) {
      const now = performance.now();
      haste = { from: now, until: Math.max(haste.until, now + seconds * 1000) };
    },
    spent({ serverMs }) {
      costs.push(serverMs);
      if (costs.length > COSTS_KEPT) costs.shift();
      const affordable = affordableInterval(wanted, costs);
      if (affordable === actual) return null;
      actual = affordable;
      return actual;
    },
    untilNext({ serverMs }) {
      const now = performance.now();
      if (now >= haste.until) return actual;
      const wished = now - haste.from < 1000 ? HURRY_SECONDS.first : HURRY_SECONDS.later;
      // A hurry, too, costs the server no more than a tenth of its time.
      return Math.min(actual, Math.max(wished, serverMs / 100));
    },
  };
}
