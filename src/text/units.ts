/** Names as PostgreSQL writes them, from the smallest unit up. */
export type Units = readonly (readonly [name: string, size: number])[];

/** In bytes. */
export const MEMORY: Units = [
  ["B", 1],
  ["kB", 2 ** 10],
  ["MB", 2 ** 20],
  ["GB", 2 ** 30],
  ["TB", 2 ** 40],
];

/** In seconds. */
export const TIME: Units = [
  ["us", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["min", 60],
  ["h", 3600],
  ["d", 86_400],
];
