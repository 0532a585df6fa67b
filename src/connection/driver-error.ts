/** What is known of an error of the driver's, or of Node's below it. */
export interface DriverError {
  readonly message?: string;
  /** A SQLSTATE, or Node's own word: ECONNREFUSED. */
  readonly code?: string;
  /** The function of the server's source that raised it: the same in every language. */
  readonly routine?: string;
}

/** A host name with several addresses fails with one error for each: the first tells enough. */
export function firstOf(error: unknown): DriverError {
  const given = (typeof error === "object" && error !== null ? error : { message: String(error) }) as Aggregate;
  return given.errors !== undefined && given.errors.length > 0 ? (given.errors[0] as DriverError) : given;
}

interface Aggregate extends DriverError {
  readonly errors?: readonly unknown[];
}
