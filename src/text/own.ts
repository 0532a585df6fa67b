/**
 * What a table has under that name. Names are strangers' words, and every object has a `constructor` and a `toString` that nobody
 * has written down.
 */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
