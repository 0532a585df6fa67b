import type { Backend } from "../model/backend.ts";

/** One selectable line of a tab. */
export interface TabRow {
  /** Names it for ever: the cursor stays on it from sample to sample. */
  readonly key: string;
  /** The session that Enter, c and x mean; null where the row is none. */
  readonly backend: Backend | null;
}
