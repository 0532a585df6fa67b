/** The known word that somebody who wrote this one probably meant; null when nothing is near enough to be a help. */
export function nearest(written: string, known: readonly string[]): string | null {
  const word = written.toLowerCase();
  // Half a word that only one thing begins with is no slip, but says what was meant.
  const begun = word.length < SHORTEST_BEGINNING ? [] : known.filter((one) => one.startsWith(word));
  if (begun.length === 1) return begun[0]!;
  const ranked = known.map((one) => ({ one, slips: slips(word, one.toLowerCase()) })).sort((a, b) => a.slips - b.slips);
  const best = ranked[0];
  return best !== undefined && best.slips <= Math.max(1, Math.floor(word.length / 3)) ? best.one : null;
}

/** `: did you mean "interval"?`, or nothing. */
export function didYouMean(written: string, known: readonly string[], quote: (name: string) => string): string {
  const meant = nearest(written, known);
  return meant === null ? "" : `: did you mean ${quote(meant)}?`;
}

const SHORTEST_BEGINNING = 3;

/** How many letters were left out, put in, mistaken, or swapped with their neighbour. */
function slips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const mistaken = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, mistaken, swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
