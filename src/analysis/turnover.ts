import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";

/** What happened between two samples, backend by backend. */
export interface Turnover {
  readonly came: ReadonlySet<Backend>;
  readonly gone: readonly Backend[];
  /** Rows that are another object than before, newcomers included: what the later sample adds to memory. */
  readonly fresh: number;
}

/**
 * Compared by identity, so a reused pid is one that went and one that came. Both samples list backends in the server's order:
 * as long as nobody comes or goes, this is a walk along two arrays that allocates nothing.
 */
export const turnover = lastResult((before: Sample, after: Sample): Turnover => {
  const old = before.backends;
  const now = after.backends;
  let same = 0;
  let fresh = 0;
  while (same < now.length && same < old.length && now[same]!.key === old[same]!.key) {
    if (now[same] !== old[same]) fresh++;
    same++;
  }
  if (same === now.length && same === old.length) return { came: NOBODY, gone: [], fresh };
  const left = new Map(old.slice(same).map((backend) => [backend.key, backend]));
  const came = new Set<Backend>();
  for (const backend of now.slice(same)) {
    const earlier = left.get(backend.key);
    if (earlier === undefined) came.add(backend);
    else left.delete(backend.key);
    if (earlier !== backend) fresh++;
  }
  return { came, gone: [...left.values()], fresh };
});

const NOBODY: ReadonlySet<Backend> = new Set();
