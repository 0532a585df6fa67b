import { blockTree, type BlockNode } from "../analysis/block-tree.ts";
import { waitAge } from "../analysis/blocking.ts";
import { lockWaits } from "../analysis/lock-waits.ts";
import type { Sample } from "../model/reading.ts";
import { speaksSql } from "../model/lane.ts";

/** Who waits for whom, for scripts; null without SQL, where nobody tells. */
export function blockingRecord(sample: Sample): object | null {
  if (!speaksSql(sample.server.lane)) return null;
  const { roots, blocked, untold } = blockTree(sample);
  return { waiting: blocked, untold, roots: roots.map((node) => nodeRecord(node, sample)) };
}

/** A root is `backend` or `prepared`; `absent` has come or gone while the sample was read, `untold` stands for whoever it may be. */
function nodeRecord(node: BlockNode, sample: Sample): object {
  const { who, behind, others, inRing, workers, ddl } = node;
  return {
    kind: who.kind,
    ...named(node),
    blocks: behind,
    ...waitsFor(node, sample),
    alsoBehind: others.filter((id) => id > 0),
    deadlock: inRing,
    waitingWorkers: workers,
    waitingDdl: ddl?.kind ?? null,
    waiters: node.children.map((child) => nodeRecord(child, sample)),
  };
}

function named({ who }: BlockNode): object {
  switch (who.kind) {
    case "backend":
      return { pid: who.backend.pid };
    case "absent":
      return { pid: who.pid };
    case "prepared":
      return { gid: who.prepared?.gid ?? null };
    case "untold":
      return {};
  }
}

function waitsFor({ id, waits }: BlockNode, sample: Sample): object {
  if (!waits) return {};
  const queue = lockWaits(sample).places.get(id)?.queue;
  const age = waitAge(sample, id);
  return {
    lockType: queue?.lockType ?? null,
    mode: queue?.mode ?? null,
    relation: queue?.relation ?? null,
    object: queue === undefined || queue.object === "" ? null : queue.object,
    // Before 14 it is known how long the query has run, of which the wait is a part.
    waitSeconds: age?.exact === true ? rounded(age.seconds) : null,
    waitAtMostSeconds: age === null ? null : rounded(age.seconds),
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
