/** Wrong usage, on the command line, in the environment or in the config file: said in one sentence, exit 2. */
export class UsageError extends Error {}
