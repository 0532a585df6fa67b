import { moment, NOTICE_MS, type Notice, type State } from "../state/state.ts";
import { toned, type Line } from "./line.ts";
import { outcomeTone, resultWords } from "./outcome-words.ts";
import { spread } from "./spread.ts";

const FRESH_MS = 10_000;

/** Whether something has just become known of the last order. */
export function isFresh({ outcomes, now }: State): boolean {
  const last = outcomes.at(-1);
  return last !== undefined && now - last.changedAt < FRESH_MS;
}

/** Whether something has become known of the last order since this was said. */
export function isNewer({ outcomes }: State, notice: Notice): boolean {
  return (outcomes.at(-1)?.changedAt ?? 0) > notice.until - NOTICE_MS;
}

/** What came of the last order, while it is news; null otherwise, and then the page of l has it. */
export function resultLine(state: State): Line | null {
  const last = state.outcomes.at(-1);
  if (last === undefined || !(last.phase === "sending" || isFresh(state))) return null;
  const { width } = state.size;
  const words = resultWords(last, moment(state)?.sample.server ?? null, width - HEAD.length);
  return spread([toned("frame", HEAD), toned(outcomeTone(last), words)], [], width);
}

const HEAD = "─ ";
