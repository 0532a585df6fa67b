import type { Backend } from "../model/backend.ts";
import type { LockQueue } from "../model/lock-queue.ts";
import type { Sample } from "../model/reading.ts";
import { lockWaits } from "./lock-waits.ts";
import { inTransactionBlock } from "./transaction-block.ts";
import { waitingDdl } from "./waiting-ddl.ts";

/**
 * How one stands in the way of another:
 * - `hard`: it holds what the other wants.
 * - `soft`: it waits for it, too, ahead in the queue, and holds nothing of it yet.
 * - `ahead`: it waits for it, too; whether it holds it in a weaker mode besides is not told.
 * - `unknown`: it waits for something, perhaps for the same.
 */
export type InTheWay = "hard" | "soft" | "ahead" | "unknown";

/** Both by their ids in LockWaits; the first one waits for the second. */
export function inTheWay(sample: Sample, waiter: number, blocker: number): InTheWay {
  const { blockers, places, byPid } = lockWaits(sample);
  // Who waits for nobody holds it, or would not be in the way.
  if (!blockers.has(blocker)) return "hard";
  const [mine, its] = [places.get(waiter), places.get(blocker)];
  if (mine === undefined || its === undefined) return "unknown";
  if (!isSameLock(mine.queue, its.queue)) return "hard";
  const backend = byPid.get(blocker);
  return backend !== undefined && holdsNothingYet(backend) ? "soft" : "ahead";
}

function isSameLock(a: LockQueue, b: LockQueue): boolean {
  return a === b || (a.lockType === b.lockType && a.relation === b.relation && a.object === b.object);
}

/** DDL whose lock is the first thing that its transaction wants. */
function holdsNothingYet(backend: Backend): boolean {
  if (backend.xactStartSeconds === null || backend.queryStartSeconds === null) return false;
  if (inTransactionBlock(backend) || waitingDdl(backend)?.changedNothing !== true) return false;
  return !backend.query.trimEnd().slice(0, -1).includes(";");
}
