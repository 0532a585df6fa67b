import { open } from "node:fs/promises";
import path from "node:path";

/** What a running primary has written down of its limits: whatever was changed in its files since, these are the ones that count. */
export interface ControlFile {
  readonly maxConnections: number;
  /** From 12 on. */
  readonly maxWalSenders: number | null;
}

/**
 * `global/pg_control` of a data directory. A primary notes its limits there when it starts; on a standby they are the primary's. Null where it
 * cannot be read, or is of a form that is not known.
 */
export async function controlFile(dataDirectory: string): Promise<ControlFile | null> {
  try {
    const file = await open(path.join(dataDirectory, "global", "pg_control"));
    try {
      const { buffer } = await file.read(Buffer.alloc(SIZE), 0, SIZE, 0);
      return parseControlFile(buffer);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

export function parseControlFile(bytes: Buffer): ControlFile | null {
  if (bytes.length < SIZE) return null;
  // A number of the other byte order is none that is known.
  const places = PLACES[bytes.readUInt32LE(VERSION)];
  if (places === undefined || bytes.readDoubleLE(places.check) !== CHECK) return null;
  return {
    maxConnections: bytes.readInt32LE(places.maxConnections),
    maxWalSenders: places.maxWalSenders === null ? null : bytes.readInt32LE(places.maxWalSenders),
  };
}

const SIZE = 512;
/** Where the version of the file's own form stands, in every form. */
const VERSION = 8;
/** PostgreSQL writes this number behind the limits so that others can tell whether they read the file right. */
const CHECK = 1_234_567;

const SINCE_12 = { maxConnections: 180, maxWalSenders: 188, check: 208 };

/** Found with servers that were given limits of their own (10 to 18), and held against SHOW by test/postgres/host-limits.test.ts. */
const PLACES: Readonly<
  Record<number, { readonly maxConnections: number; readonly maxWalSenders: number | null; readonly check: number }>
> = {
  1002: { maxConnections: 180, maxWalSenders: null, check: 208 },
  1100: { maxConnections: 172, maxWalSenders: null, check: 200 },
  1201: SINCE_12,
  1300: SINCE_12,
  1700: SINCE_12,
  1800: SINCE_12,
};
