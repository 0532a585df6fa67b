import type { Backend } from "../model/backend.ts";
import type { PreparedXact } from "../model/horizon.ts";
import type { Sample } from "../model/reading.ts";
import { blocking, longer, waitAge, type WaitAge } from "./blocking.ts";
import { placed, UNTOLD } from "./block-places.ts";
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
  /** How long it has been waiting; null when it does not, or that is hidden from us. */
  readonly waited: WaitAge | null;
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

export const blockTree = lastResult((sample: Sample): BlockTree => {
  const waits = lockWaits(sample);
  if (waits.blockers.size === 0) return { roots: [], blocked: 0, untold: 0, longest: null };
  const untold: number[] = [];
  for (const [waiter, ids] of waits.blockers) if (ids.length === 0) untold.push(waiter);
  const blocks = blocksOf(sample, waits);
  const found = placed(waits, untold, blocks);
  const nodes = new Map<number, Growing>();
  let longest: WaitAge | null = null;
  for (const { id, parent, ring } of found) {
    const node = nodeOf(id, parent, ring, sample, waits, blocks);
    nodes.set(id, node);
    longest = longer(longest, node.waited);
  }
  // Parents come before their children: backwards, every node is complete when it is counted.
  for (let i = found.length - 1; i >= 0; i--) {
    const { id, parent } = found[i]!;
    const node = nodes.get(id)!;
    complete(node);
    if (parent === null) continue;
    const above = nodes.get(parent)!;
    above.children.push(node);
    above.under += 1 + node.under;
  }
  const roots = found.flatMap(({ id, parent }) => (parent === null ? [nodes.get(id)!] : []));
  return { roots, blocked: waits.blockers.size, untold: untold.length, longest };
});

type Growing = { -readonly [K in keyof BlockNode]: BlockNode[K] } & { children: Growing[] };

/** When all of its children are in it. */
function complete(node: Growing): void {
  if (node.children.length > 1) node.children.sort(inOrder);
  if (node.who.kind === "untold") node.behind = node.under;
  if (node.who.kind === "backend" && node.waits && node.under > 0) node.ddl = waitingDdl(node.who.backend);
}

function inOrder(a: BlockNode, b: BlockNode): number {
  const [aHoldsUp, bHoldsUp] = [a.under > 0, b.under > 0];
  if (aHoldsUp !== bHoldsUp) return aHoldsUp ? -1 : 1;
  return (b.waited?.seconds ?? -1) - (a.waited?.seconds ?? -1) || a.id - b.id;
}

function nodeOf(
  id: number,
  parent: number | null,
  inRing: boolean,
  sample: Sample,
  waits: LockWaits,
  blocks: (id: number) => number,
): Growing {
  const who = whoOf(id, waits);
  const blockers = waits.blockers.get(id);
  return {
    key: keyOf(who),
    id,
    who,
    children: [],
    under: 0,
    behind: id === UNTOLD ? 0 : blocks(id),
    others:
      blockers === undefined || (blockers.length === 1 && blockers[0] === parent) ? NONE : others(blockers, parent),
    waits: blockers !== undefined,
    waited: blockers === undefined ? null : waitAge(sample, id, waits),
    inRing,
    workers: waits.workers.get(id)?.length ?? 0,
    ddl: null,
  };
}

const NONE: readonly number[] = [];

function others(blockers: readonly number[], parent: number | null): readonly number[] {
  return blockers.filter((other) => other !== parent);
}

/** Of prepared transactions, `blocking` knows the sum alone. */
function blocksOf(sample: Sample, waits: LockWaits): (id: number) => number {
  const { blocks } = blocking(sample);
  const several = waits.prepared.size + (waits.direct.has(0) ? 1 : 0) > 1;
  return (id) => (id > 0 || !several ? (blocks.get(Math.max(0, id)) ?? 0) : reachedFrom([id], waits.direct).size - 1);
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
