import type { Bench } from "./bench.ts";

/**
 * Measurements of the functional core alone: no server, no terminal (`sessions: null`). Run with `--expose-gc` where memory
 * counts. To come, beside the core they measure: the memory of a history of 1,800 samples x 1,000 backends of which
 * 10 % change each second (target 64 MB).
 */
export const coreBenches: readonly Bench[] = [];
