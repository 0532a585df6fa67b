/** An order that has certainly not reached the server; the message says why. Any other error may have come after the signal. */
export class NotSentError extends Error {}
