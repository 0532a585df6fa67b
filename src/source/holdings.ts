import type { Holdings, PreparedTransaction, RelationLock } from "../model/action.ts";
import type { Backend } from "../model/backend.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";
import { relationName } from "./relation-name.ts";
import type { Ask, Rows } from "./round-trip.ts";

/** What to ask about a backend: about prepared transactions only if it waits for one, since that reads all locks there are. */
export function asksOf({ pid, backendStart, blockedBy }: Backend): readonly Ask[] {
  const values = [pid, backendStart];
  const prepared = blockedBy.includes(PREPARED);
  return [{ name: "holdings", values }, ...(prepared ? [{ name: "prepared", values } as const] : [])];
}

/** Null when the backend has ended, or when our role does not see who it is. */
export function holdingsOf({ key }: Backend, rows: Partial<Rows>, encodings: Encodings): Holdings | null {
  const [first] = rows.holdings ?? [];
  if (first === undefined) return null;
  const named = rows.holdings!.filter(([, , , , , , relation]) => relation != null);
  const held = named.filter(([, , granted]) => granted === "t").map((row) => relationLock(row, encodings));
  const waits = named.find(([, , granted]) => granted === "f");
  return {
    key,
    locks: Number(first[0]),
    relations: held,
    moreRelations: Number(first[1]) - held.length,
    waitsFor: waits === undefined ? null : relationLock(waits, encodings),
    prepared: (rows.prepared ?? []).map((row) => preparedTransaction(row, encodings)),
  };
}

function relationLock([, , , database, schema, name, oid, mode]: TextRow, encodings: Encodings): RelationLock {
  return { relation: relationName({ database, schema, name, oid }, encodings), mode: mode! };
}

function preparedTransaction([gid, owner, database, seconds]: TextRow, encodings: Encodings): PreparedTransaction {
  const name = encodings.name(database!);
  return {
    gid: encodings.query(gid!, name),
    owner: encodings.name(owner!),
    database: name,
    preparedSeconds: Number(seconds),
  };
}

/** What pg_blocking_pids says of a transaction without a session. */
const PREPARED = 0;
