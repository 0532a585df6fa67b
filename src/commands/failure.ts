/** Could not be done, for a reason outside of us: one sentence on stderr, exit 1. */
export class FailedError extends Error {}
