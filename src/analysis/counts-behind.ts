/**
 * How many wait behind each, directly and through others, each once. A chain of any length is walked once; where ways part and come
 * together again, those behind are walked through for each: no more than some hundred waiters are asked whom they wait for.
 */
export function countsBehind(direct: ReadonlyMap<number, readonly number[]>): Map<number, number> {
  const counts = new Map<number, number>();
  const lastWalk = new Map<number, number>();
  let walk = 0;
  // Of each blocker, those who wait for it and block others themselves: it is counted when they are.
  const pending = new Map<number, number>();
  const before = new Map<number, number[]>();
  for (const [blocker, waiters] of direct) {
    let n = 0;
    for (const waiter of waiters) {
      if (!direct.has(waiter)) continue;
      n++;
      const list = before.get(waiter);
      if (list === undefined) before.set(waiter, [blocker]);
      else list.push(blocker);
    }
    pending.set(blocker, n);
  }
  const ready = [...pending].flatMap(([blocker, n]) => (n === 0 ? [blocker] : []));
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    counts.set(next, count(next));
    for (const blocker of before.get(next) ?? []) {
      const left = pending.get(blocker)! - 1;
      pending.set(blocker, left);
      if (left === 0) ready.push(blocker);
    }
  }
  // Who is in a ring, or blocks one, is never ready.
  for (const blocker of direct.keys()) if (!counts.has(blocker)) counts.set(blocker, walked(blocker));
  return counts;

  function count(blocker: number): number {
    const waiters = direct.get(blocker)!;
    if (waiters.every((waiter) => !direct.has(waiter))) return waiters.length;
    return waiters.length === 1 ? 1 + counts.get(waiters[0]!)! : walked(blocker);
  }

  // Which walk has come by last: cheaper than to remember anew for each walk who has been seen.
  function walked(blocker: number): number {
    walk++;
    const open = [blocker];
    lastWalk.set(blocker, walk);
    let seen = 0;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const waiter of direct.get(next) ?? []) {
        if (lastWalk.get(waiter) === walk) continue;
        lastWalk.set(waiter, walk);
        seen++;
        open.push(waiter);
      }
    }
    return seen;
  }
}

/** These and everybody behind them once, cycles included: a deadlock in flight must not hang us. */
export function reachedFrom(ids: readonly number[], direct: ReadonlyMap<number, readonly number[]>): Set<number> {
  const seen = new Set<number>(ids);
  const queue = [...ids];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const waiter of direct.get(next) ?? []) {
      if (seen.has(waiter)) continue;
      seen.add(waiter);
      queue.push(waiter);
    }
  }
  return seen;
}
