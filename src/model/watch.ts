/** What is read with each sample only while somebody looks at it. */
export interface Watch {
  /** What single processes are at, and counters that are not ten seconds old. */
  readonly workings: boolean;
  /** What processes take of the machine. */
  readonly usage: boolean;
}

export const NOTHING_WATCHED: Watch = { workings: false, usage: false };
