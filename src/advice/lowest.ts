/**
 * The few with the lowest number, the lowest first, and of equal ones whoever came first: as if all were sorted, which for ten of a thousand
 * takes as long as everything else that a rule does.
 */
export function lowest<T>(things: readonly T[], most: number, numberOf: (thing: T) => number): T[] {
  const found: T[] = [];
  const numbers: number[] = [];
  for (const thing of things) {
    const number = numberOf(thing);
    if (found.length === most && number >= numbers.at(-1)!) continue;
    let at = found.length;
    while (at > 0 && number < numbers[at - 1]!) at--;
    found.splice(at, 0, thing);
    numbers.splice(at, 0, number);
    if (found.length <= most) continue;
    found.pop();
    numbers.pop();
  }
  return found;
}
