import { lastResult } from "../analysis/last-result.ts";
import { processTree, type ProcessNode } from "../analysis/process-tree.ts";
import type { Sample } from "../model/reading.ts";
import type { TabRow } from "./tab-row.ts";

/**
 * One process, or what stands for several. What acts on a session acts on its process, where that is one to be acted on:
 * standing.ts knows.
 */
export interface ProcessRow extends TabRow {
  readonly node: ProcessNode;
  /** What is drawn before it: `│  ├─ `; empty for the postmaster. */
  readonly branch: string;
}

export const processRows = lastResult((sample: Sample): readonly ProcessRow[] => {
  const rows: ProcessRow[] = [];
  // From the last one up, it is known whether another of the same depth comes below it.
  const goesOn: boolean[] = [];
  for (const node of [...processTree(sample)].reverse()) {
    rows.push({ key: node.key, backend: node.backend, node, branch: branch(node.depth, goesOn) });
    goesOn.length = node.depth;
    goesOn[node.depth] = true;
  }
  return rows.reverse();
});

function branch(depth: number, goesOn: readonly (boolean | undefined)[]): string {
  if (depth === 0) return "";
  const above = Array.from({ length: depth - 1 }, (_, i) => (goesOn[i + 1] === true ? "│  " : "   "));
  return above.join("") + (goesOn[depth] === true ? "├─ " : "└─ ");
}
