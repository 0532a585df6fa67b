import { isClient, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { blocking } from "./blocking.ts";
import { lastResult } from "./last-result.ts";
import { isInTransaction } from "./states.ts";

/** From these ages on, in seconds, a session is worth a look: what a person at a dashboard would call "hanging". */
export const OLD_IDLE_IN_TRANSACTION = 60;
export const OLD_ACTIVE_TRANSACTION = 300;

/**
 * The sessions worth looking at, the worst first: those that block others and wait for nobody themselves, by how many
 * wait behind them; then blockers in the middle of a chain; then old idle transactions, old active ones, aborted ones.
 */
export const problems = lastResult((sample: Sample): readonly Backend[] => {
  const { blocks, blocker } = blocking(sample);
  const ranked: { backend: Backend; rank: number; weight: number }[] = [];
  for (const backend of sample.backends) {
    const behind = blocks.get(backend.pid) ?? 0;
    // An aborted transaction has no start any more: it counts from its failure.
    const age = secondsSince(backend.xactStartSeconds ?? backend.stateChangeSeconds, sample) ?? 0;
    if (behind > 0) ranked.push({ backend, rank: blocker.has(backend.pid) ? 1 : 0, weight: behind });
    else if (!isClient(backend) || backend.pid === sample.server.ownPid || blocker.has(backend.pid)) continue;
    else if (isInTransaction(backend) && age >= OLD_IDLE_IN_TRANSACTION) ranked.push({ backend, rank: 2, weight: age });
    else if (backend.state === "active" && age >= OLD_ACTIVE_TRANSACTION)
      ranked.push({ backend, rank: 3, weight: age });
    else if (backend.state === "idle in transaction (aborted)") ranked.push({ backend, rank: 4, weight: age });
  }
  return ranked.sort((a, b) => a.rank - b.rank || b.weight - a.weight).map((entry) => entry.backend);
});

/** Where the cursor starts: the worst problem, else the longest idle in transaction, else the longest transaction. */
export function worst(sample: Sample): Backend | null {
  const first = problems(sample)[0];
  if (first !== undefined) return first;
  const sessions = sample.backends.filter((b) => isClient(b) && b.pid !== sample.server.ownPid);
  // Without SQL nobody tells how old a transaction is, and one is as good as the other.
  return oldest(sessions.filter(isInTransaction)) ?? sessions.find(isInTransaction) ?? oldest(sessions) ?? null;
}

function oldest(backends: readonly Backend[]): Backend | undefined {
  let result: Backend | undefined;
  for (const backend of backends) {
    if (backend.xactStartSeconds === null) continue;
    if (result === undefined || backend.xactStartSeconds < result.xactStartSeconds!) result = backend;
  }
  return result;
}
