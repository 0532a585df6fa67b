import type { HolderGroup } from "../analysis/holder-groups.ts";
import { toned, type Span, type Tone } from "./line.ts";

/** States as letters: a bar that is read without colours, too. */
const PARTS: readonly { readonly letter: string; readonly tone: Tone; readonly words: string; readonly n: Count }[] = [
  { letter: "a", tone: "active", words: "active", n: (g) => active(g) - g.waiting },
  { letter: "w", tone: "waiting", words: "waiting for a lock", n: (g) => g.waiting },
  { letter: "i", tone: "idle", words: "idle", n: (g) => g.states.idle ?? 0 },
  { letter: "t", tone: "idle-in-transaction", words: "idle in transaction", n: (g) => g.states[IDLE_IN_TX] ?? 0 },
  { letter: "!", tone: "aborted", words: "in an aborted transaction", n: (g) => g.states[ABORTED] ?? 0 },
  { letter: "s", tone: "normal", words: "starting", n: (g) => g.states.starting ?? 0 },
  { letter: "?", tone: "muted", words: "not told", n: (g) => (g.states.unknown ?? 0) + (g.states.disabled ?? 0) },
];

const IDLE_IN_TX = "idle in transaction";
const ABORTED = "idle in transaction (aborted)";

type Count = (group: HolderGroup) => number;

function active({ states }: HolderGroup): number {
  return (states.active ?? 0) + (states["fastpath function call"] ?? 0);
}

export const BAR_LEGEND: readonly Span[] = PARTS.slice(0, 5).flatMap(({ letter, tone }, i) => [
  toned(tone, letter),
  toned("muted", `=${["active", "waiting", "idle", "idle in tx", "aborted"][i]} `),
]);

/**
 * A group as a bar, as long as it is large beside the largest one, and split by what its sessions do. A state in which anybody is has a
 * cell as long as there are any: the one forgotten transaction is what one looks for.
 */
export function stateBar(group: HolderGroup, largest: number, cells: number): Span[] {
  const parts = PARTS.map((part) => ({ ...part, n: part.n(group) })).filter(({ n }) => n > 0);
  const total = parts.reduce((sum, { n }) => sum + n, 0);
  const length = Math.min(cells, Math.max(parts.length, Math.round((group.count / Math.max(1, largest)) * cells)));
  const shares = parts.map(({ n }) => Math.max(1, Math.trunc((n / total) * length)));
  // What rounding has left goes to the largest, and it pays for those that got a cell by grace.
  const greatest = parts.findIndex(({ n }) => n === Math.max(...parts.map((part) => part.n)));
  if (greatest >= 0) shares[greatest]! += length - shares.reduce((sum, share) => sum + share, 0);
  const spans = parts.map(({ letter, tone }, i) => toned(tone, letter.repeat(Math.max(0, shares[i]!))));
  return [...spans, toned("normal", " ".repeat(Math.max(0, cells - length)))];
}

/** "60 idle, 2 active". */
export function stateWords(group: HolderGroup): string {
  return PARTS.map(({ words, n }) => ({ words, n: n(group) }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n)
    .map(({ words, n }) => `${n} ${words}`)
    .join(", ");
}
