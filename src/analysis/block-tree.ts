import type { Backend } from "../model/backend.ts";
import type { PreparedXact } from "../model/horizon.ts";
import type { Sample } from "../model/reading.ts";
import { blocking, waitAge, type WaitAge } from "./blocking.ts";
import { ringAmong } from "./lock-ring.ts";
import { lastResult } from "./last-result.ts";
import { lockWaits, type LockWaits } from "./lock-waits.ts";
import { reachedFrom } from "./counts-behind.ts";
import { waitingDdl, type WaitingDdl } from "./waiting-ddl.ts";

/** Who blocks whom, from those who wait for nobody down. Each waiter stands in it once, under the blocker that is nearest to a root. */
export interface BlockTree {
  readonly roots: readonly BlockNode[];
  /** Sessions that wait, a parallel group as one. */
  readonly blocked: number;
  /** Of these, who waits for a lock, and it is not told for whom. */
  readonly untold: number;
  /** How long the one that waits longest has done so; null when nobody waits, or nobody's wait can be told. */
  readonly longest: WaitAge | null;
}

export interface BlockNode {
  /** Names it from sample to sample: a backend's key, `prepared GID`. */
  readonly key: string;
  /** As in LockWaits. */
  readonly id: number;
  readonly who: Who;
  /** Those that stand under it in the tree, who hold up others first, then the longest waiting. */
  readonly children: readonly BlockNode[];
  /** How many stand under it in the tree. */
  readonly under: number;
  /** How many wait behind it in all: some of them may stand under another blocker. */
  readonly behind: number;
  /** Whom it waits for beside the one that it stands under. */
  readonly others: readonly number[];
  readonly waits: boolean;
  /** It waits, and so does in the end the one that it waits for, for itself. */
  readonly inRing: boolean;
  /** Its parallel workers that wait, in its place. */
  readonly workers: number;
  /** It is DDL that waits, and others wait for nothing but its turn. */
  readonly ddl: WaitingDdl | null;
}

export type Who =
  | { readonly kind: "backend"; readonly backend: Backend }
  /** Null: which one it is was not told. */
  | { readonly kind: "prepared"; readonly prepared: PreparedXact | null }
  /** It has ended, or come, while the sample was read. */
  | { readonly kind: "absent"; readonly pid: number }
  /** Stands for whoever it may be that those wait for of whom it is not told. */
  | { readonly kind: "untold" };

/** Never an id: prepared transactions count down from -1, and there are fewer. */
const UNTOLD = Number.MIN_SAFE_INTEGER;

export const blockTree = lastResult((sample: Sample): BlockTree => {
  const waits = lockWaits(sample);
  if (waits.blockers.size === 0) return { roots: [], blocked: 0, untold: 0, longest: null };
  const untold = [...waits.blockers].flatMap(([waiter, ids]) => (ids.length === 0 ? [waiter] : []));
  const found = placed(waits, untold, blocksOf(sample, waits));
  const nodes = new Map<number, Growing>();
  for (const { id, ring } of found) nodes.set(id, nodeOf(id, ring, sample, waits));
  let longest: WaitAge | null = null;
  const age = new Map<number, number>();
  for (const waiter of waits.blockers.keys()) {
    const waited = waitAge(sample, waiter);
    age.set(waiter, waited?.seconds ?? -1);
    if (waited !== null && (longest === null || waited.seconds > longest.seconds)) longest = waited;
  }
  // Parents come before their children: backwards, every node is complete when it is counted.
  for (const { id, parent } of found.toReversed()) {
    const node = nodes.get(id)!;
    const backend = node.who.kind === "backend" ? node.who.backend : null;
    node.children.sort((a, b) => holdsUp(b) - holdsUp(a) || age.get(b.id)! - age.get(a.id)! || a.id - b.id);
    if (backend !== null && node.waits && node.under > 0) node.ddl = waitingDdl(backend);
    if (id === UNTOLD) node.behind = node.under;
    node.others = (waits.blockers.get(id) ?? []).filter((other) => other !== parent);
    if (parent === null) continue;
    const above = nodes.get(parent)!;
    above.children.push(node);
    above.under += 1 + node.under;
  }
  const roots = found.flatMap(({ id, parent }) => (parent === null ? [nodes.get(id)!] : []));
  return { roots, blocked: waits.blockers.size, untold: untold.length, longest };
});

type Growing = { -readonly [K in keyof BlockNode]: BlockNode[K] } & { children: Growing[] };

function holdsUp({ under }: BlockNode): number {
  return under > 0 ? 1 : 0;
}

function nodeOf(id: number, inRing: boolean, sample: Sample, waits: LockWaits): Growing {
  const who = whoOf(id, waits);
  return {
    key: keyOf(who),
    id,
    who,
    children: [],
    under: 0,
    behind: id === UNTOLD ? 0 : blocksOf(sample, waits)(id),
    others: [],
    waits: waits.blockers.has(id),
    inRing,
    workers: waits.workers.get(id)?.length ?? 0,
    ddl: null,
  };
}

/** Of prepared transactions, `blocking` knows the sum alone. */
function blocksOf(sample: Sample, waits: LockWaits): (id: number) => number {
  const { blocks } = blocking(sample);
  const several = waits.prepared.size + (waits.direct.has(0) ? 1 : 0) > 1;
  return (id) => (id > 0 || !several ? (blocks.get(Math.max(0, id)) ?? 0) : reachedFrom([id], waits.direct).size - 1);
}

interface Placed {
  readonly id: number;
  readonly parent: number | null;
  readonly ring: boolean;
}

/** Everybody who blocks or waits, each once and after the one that it stands under. */
function placed(waits: LockWaits, untold: readonly number[], blocks: (id: number) => number): Placed[] {
  const found: Placed[] = [];
  const seen = new Set<number>();
  const add = (id: number, parent: number | null, ring = false): void => {
    if (seen.has(id)) return;
    seen.add(id);
    found.push({ id, parent, ring });
  };
  let next = 0;
  // Breadth first, from all roots at once: nearest to a root is nearest to any of them.
  const spread = (ring: ReadonlySet<number>): void => {
    for (; next < found.length; next++) {
      const { id } = found[next]!;
      const waiters = id === UNTOLD ? untold : (waits.direct.get(id) ?? []);
      for (const waiter of waiters) add(waiter, id, ring.has(waiter));
    }
  };
  const roots = [...waits.direct.keys()].filter((id) => !waits.blockers.has(id));
  for (const id of roots.sort((a, b) => blocks(b) - blocks(a) || a - b)) add(id, null);
  if (untold.length > 0) add(UNTOLD, null);
  spread(new Set());
  // Whoever is left waits, in the end, for somebody in a ring: nobody there is a root.
  for (const waiter of waits.blockers.keys()) {
    if (seen.has(waiter)) continue;
    const ring = ringAmong(waiter, waits.blockers);
    add(
      ring.reduce((least, id) => Math.min(least, id)),
      null,
      true,
    );
    spread(new Set(ring));
  }
  return found;
}

function whoOf(id: number, { byPid, prepared }: LockWaits): Who {
  if (id === UNTOLD) return { kind: "untold" };
  if (id <= 0) return { kind: "prepared", prepared: prepared.get(id) ?? null };
  const backend = byPid.get(id);
  return backend === undefined ? { kind: "absent", pid: id } : { kind: "backend", backend };
}

function keyOf(who: Who): string {
  switch (who.kind) {
    case "backend":
      return who.backend.key;
    case "prepared":
      return `prepared ${who.prepared?.gid ?? "?"}`;
    case "absent":
      return `pid ${who.pid}`;
    case "untold":
      return "untold";
  }
}
