import type { DeadTuples } from "../model/horizon.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";
import { relationName } from "./relation-name.ts";

/** The rows of dead-tuples.sql. */
export function decodeDeadTuples(rows: readonly TextRow[], encodings: Encodings): readonly DeadTuples[] {
  return rows.map(([schema, name, oid, toast, live, dead, vacuum, autovacuum]) => ({
    table: relationName({ database: null, schema, name, oid }, encodings),
    toast: toast === "t",
    live: Number(live),
    dead: Number(dead),
    vacuumSeconds: vacuum == null ? null : Number(vacuum),
    autovacuumSeconds: autovacuum == null ? null : Number(autovacuum),
  }));
}
