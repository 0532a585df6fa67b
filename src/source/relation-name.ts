import { identifier } from "../text/identifier.ts";
import type { Encodings } from "./encodings.ts";

interface Named {
  readonly database: string | null | undefined;
  readonly schema: string | null | undefined;
  readonly name: string | null | undefined;
  readonly oid: string | null | undefined;
}

/**
 * A relation as psql would write it. Without a name in our own database it was made in a transaction that has not committed yet; one of another
 * database has its name there, and here a number.
 */
export function relationName({ database, schema, name, oid }: Named, encodings: Encodings): string {
  const quoted = (escaped: string): string => identifier(encodings.name(escaped));
  const number = `relation ${oid}`;
  if (database != null) return `${number} of ${quoted(database)}`;
  return schema == null || name == null ? number : `${quoted(schema)}.${quoted(name)}`;
}
