import { waitAge } from "../analysis/blocking.ts";
import { lockWaits } from "../analysis/lock-waits.ts";
import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";
import { duration } from "../text/format.ts";
import { literal } from "../text/literal.ts";

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
  if (queue !== undefined) return queueWords(queue, blocker === null ? "" : ` of ${idWords(sample, blocker)}`);
  const event = byPid.get(id)?.waitEvent ?? null;
  if (event === "SafeSnapshot") return SAFE_SNAPSHOT;
  return event === null ? "a lock; for which one is not told" : `a lock of type ${event}; for which one is not told`;
}

/** "for 3m10"; where the server does not tell since when, no longer than its query runs. */
export function waitedWords(sample: Sample, id: number): string {
  const age = waitAge(sample, id);
  if (age === null) return "since when is hidden from our role";
  return age.exact ? `for ${duration(age.seconds)}` : `for at most ${duration(age.seconds)}, the age of its query`;
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

function queueWords(queue: LockQueue, whose: string): string {
  const { lockType, mode, relation, object } = queue;
  switch (lockType) {
    case "relation":
      return `${mode} on ${relation ?? "a relation"}`;
    case "transactionid":
      return `the end of transaction ${object}${whose}: for a row, or a key, that it has written or locked`;
    case "virtualxid":
      return `the end of virtual transaction ${object}${whose}: each that may see what is to go has to end first`;
    case "tuple":
      return `its turn at row ${object} of ${relation ?? "a table"}, which somebody else is the next to get`;
    case "extend":
      return `its turn to extend ${relation ?? "a relation"}`;
    case "page":
      return `${mode} on ${object} of ${relation ?? "a relation"}`;
    case "advisory":
      return `advisory lock ${object} (${mode}), which means what the application wants it to mean`;
    // By its old name up to 12, and without the transaction up to 15.
    case "spectoken":
    case "speculative token":
      return `what becomes of a row that transaction ${/^\d+$/.test(object) ? object : ""}${whose} is inserting with ON CONFLICT`.replace(
        "  ",
        " ",
      );
    case "applytransaction":
      return `the end of a transaction ${object} that a subscription applies`;
    case "frozenid":
      return "its turn to note how far its database is frozen";
    case "object":
      return `${mode} on an object that is no relation (${object})`;
    default:
      return [`${mode} of type`, lockType, object, relation === null ? "" : `on ${relation}`]
        .filter((part) => part !== "")
        .join(" ");
  }
}
