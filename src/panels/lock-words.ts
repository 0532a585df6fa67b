import { waitAge, type WaitAge } from "../analysis/blocking.ts";
import { lockWaits } from "../analysis/lock-waits.ts";
import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";
import { duration } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import { lockMeaning, lockPhrase } from "../text/lock-words.ts";

/** What it waits for in as few words as a row has room for: `transactionid Share`, `AccessExclusive events`, `tuple Exclusive events`. */
export function shortLock(sample: Sample, id: number): string {
  const { places, byPid } = lockWaits(sample);
  const queue = places.get(id)?.queue;
  if (queue === undefined) return byPid.get(id)?.waitEvent ?? "";
  const what = queue.relation?.replace(/^public\./, "") ?? (queue.lockType === "transactionid" ? "" : queue.object);
  return [queue.lockType === "relation" ? "" : queue.lockType, shortMode(queue), what]
    .filter((part) => part !== "")
    .join(" ");
}

/** What it waits for, to go after "waits for". */
export function lockWords(sample: Sample, id: number, blocker: number | null): string {
  const { places, byPid } = lockWaits(sample);
  const queue = places.get(id)?.queue;
  if (queue !== undefined)
    return lockPhrase(queue, blocker === null ? "" : ` of ${idWords(sample, blocker)}`) + lockMeaning(queue);
  const event = byPid.get(id)?.waitEvent ?? null;
  if (event === "SafeSnapshot") return SAFE_SNAPSHOT;
  return event === null ? "a lock; for which one is not told" : `a lock of type ${event}; for which one is not told`;
}

/** "for 3m10"; where the server does not tell since when, no longer than its query runs. */
export function waitedWords(sample: Sample, id: number): string {
  const age = waitAge(sample, id);
  if (age === null) return "since when is hidden from our role";
  return `${forWords(age)}${age.exact ? "" : ", the age of its query"}`;
}

/** "for 3m10", "for at most 3m10": before 14 a query's age is all that is known. */
export function forWords({ seconds, exact }: WaitAge): string {
  return `for ${exact ? "" : "at most "}${duration(seconds)}`;
}

/** A pid, or the name of a prepared transaction. */
export function idWords(sample: Sample, id: number): string {
  if (id > 0) return String(id);
  const prepared = lockWaits(sample).prepared.get(id);
  return prepared === undefined ? "a prepared transaction" : `prepared transaction ${literal(prepared.gid)}`;
}

const SAFE_SNAPSHOT =
  "a safe snapshot: it is read only and deferrable, and begins when the serializable transactions that write now have ended";

function shortMode({ mode }: LockQueue): string {
  return mode.replace(/Lock$/, "");
}
