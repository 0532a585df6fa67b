/**
 * A ring that is met on the way from this waiter to one that it waits for, to one of that one's, and so on. Everybody on the way must
 * wait for somebody.
 */
export function ringAmong(
  start: number,
  blockers: ReadonlyMap<number, readonly number[]>,
): readonly [number, ...number[]] {
  const way: number[] = [];
  const at = new Map<number, number>();
  let id = start;
  while (!at.has(id)) {
    at.set(id, way.push(id) - 1);
    id = blockers.get(id)![0]!;
  }
  return way.slice(at.get(id)) as [number, ...number[]];
}
