import type { DatabaseAge, Holdouts } from "../model/horizon.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";
import { numberOrNull } from "./number-or-null.ts";

/** The rows of holdouts.sql. */
export function decodeHoldouts(rows: readonly TextRow[], encodings: Encodings): Holdouts {
  const name = (escaped: string | null | undefined): string | null =>
    escaped == null ? null : encodings.name(escaped);
  return {
    prepared: rows
      .filter(([kind]) => kind === "prepared")
      .map(([, gid, owner, database, xid, , , since]) => ({
        gid: encodings.query(gid!, name(database)),
        owner: name(owner)!,
        database: name(database)!,
        xid: Number(xid),
        preparedSeconds: Number(since),
      })),
    slots: rows
      .filter(([kind]) => kind !== "prepared")
      .map(([kind, slot, , database, , xmin, catalogXmin, since, active, activePid, retained]) => ({
        name: name(slot)!,
        kind: kind === "logical" ? "logical" : "physical",
        database: name(database),
        active: active === "t",
        activePid: numberOrNull(activePid),
        xmin: numberOrNull(xmin),
        catalogXmin: numberOrNull(catalogXmin),
        retainedBytes: numberOrNull(retained),
        inactiveSinceSeconds: numberOrNull(since),
      })),
  };
}

/** The rows of ages.sql. */
export function decodeAges(rows: readonly TextRow[], encodings: Encodings): readonly DatabaseAge[] {
  return rows.map(([name, xids, multixacts]) => ({
    name: encodings.name(name!),
    xids: Number(xids),
    multixacts: Number(multixacts),
  }));
}
