/**
 * Goes through a long list, and lets keys and paints through every few milliseconds. Returns the milliseconds that the work itself
 * has taken.
 */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void): Promise<number> {
  let busyMs = 0;
  let began = performance.now();
  for (const item of items) {
    work(item);
    const took = performance.now() - began;
    if (took < SLICE_MS) continue;
    busyMs += took;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  }
  return busyMs + performance.now() - began;
}

const SLICE_MS = 5;
