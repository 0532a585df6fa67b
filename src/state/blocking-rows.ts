import { blockTree, type BlockNode } from "../analysis/block-tree.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Sample } from "../model/reading.ts";
import type { TabRow } from "./tab-row.ts";

/** A line of the tree that can be seen: somebody in it, or what stands for those of a long list that are not shown one by one. */
export type BlockingRow = TabRow & Place & (NodeRow | MoreRow);

interface Place {
  /** What is drawn before it: `│  ├─ `; empty for a root. */
  readonly branch: string;
  /** It can be unfolded by its key. */
  readonly folded: boolean;
}

interface NodeRow {
  readonly kind: "node";
  readonly node: BlockNode;
}

interface MoreRow {
  readonly kind: "more";
  /** Whose children they are. */
  readonly of: BlockNode;
  readonly rest: readonly BlockNode[];
}

/** Up to so many children are all shown; of more, this many, and one line for the rest. */
const ALL_SHOWN = 10;
const FIRST_SHOWN = 8;

/**
 * The lines of the tree from its first root down.
 * @param toggled keys of the rows that are not as they are by themselves: somebody with others under it is folded then, and `more of KEY`,
 * which is folded by itself, is not
 */
export const blockingRows = lastResult((sample: Sample, toggled: ReadonlySet<string>): readonly BlockingRow[] => {
  const rows: BlockingRow[] = [];
  // What is still to be drawn, the next one last: a chain may be longer than functions may call themselves.
  const open: Open[] = blockTree(sample).roots.map((node) => ({ kind: "node" as const, node, branch: "", under: "" }));
  open.reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const row = rowOf(next, toggled);
    rows.push(row);
    if (row.folded) continue;
    const nodes = row.kind === "more" ? row.rest : row.node.children;
    const more = row.kind === "more" || nodes.length <= ALL_SHOWN ? [] : nodes.slice(FIRST_SHOWN);
    const shown = more.length === 0 ? nodes : nodes.slice(0, FIRST_SHOWN);
    // The rest, unfolded, goes on where its line stands.
    const under = next.kind === "more" ? next.beside : next.under;
    const children: Open[] = shown.map((node, i) => ({
      ...{ kind: "node" as const, node },
      ...branches(under, i === shown.length - 1 && more.length === 0),
    }));
    if (more.length > 0 && row.kind === "node") {
      const opened = toggled.has(moreKey(row.node));
      children.push({ kind: "more", of: row.node, rest: more, beside: under, ...branches(under, !opened) });
    }
    open.push(...children.reverse());
  }
  return rows;
});

type Open = { readonly branch: string; readonly under: string } & (
  | { readonly kind: "node"; readonly node: BlockNode }
  | { readonly kind: "more"; readonly of: BlockNode; readonly rest: readonly BlockNode[]; readonly beside: string }
);

function rowOf(open: Open, toggled: ReadonlySet<string>): BlockingRow {
  const { branch } = open;
  if (open.kind === "more") {
    const key = moreKey(open.of);
    return { kind: "more", key, backend: null, branch, folded: !toggled.has(key), of: open.of, rest: open.rest };
  }
  const { node } = open;
  const backend = node.who.kind === "backend" ? node.who.backend : null;
  const folded = node.children.length > 0 && toggled.has(node.key);
  return { kind: "node", key: node.key, backend, branch, folded, node };
}

function branches(under: string, isLast: boolean): { branch: string; under: string } {
  return { branch: under + (isLast ? "└─ " : "├─ "), under: under + (isLast ? "   " : "│  ") };
}

function moreKey({ key }: BlockNode): string {
  return `more of ${key}`;
}
