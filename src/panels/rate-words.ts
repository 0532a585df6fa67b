import { counted, type Counted } from "../history/counted.ts";
import type { History } from "../history/history.ts";
import { span } from "../text/format.ts";

/** Of about the same few seconds as the processor time beside it: a minute would still tell of a load that has ended. */
export function countedNow(history: History): Counted | null {
  return counted(history, NOW_SECONDS);
}

/** For a rate in a row: nothing where it is of now; " in 30 s" where readings are so far apart that it may be over. */
export function overWords({ seconds }: Counted): string {
  return seconds <= STILL_NOW_SECONDS ? "" : ` in ${span(seconds)}`;
}

const NOW_SECONDS = 5;
/** While nobody looks, counters are read every ten seconds. */
const STILL_NOW_SECONDS = 12;
