import type { LockQueue, PreparedHolder } from "../model/lock-queue.ts";
import type { TextRow } from "./decode.ts";
import type { Encodings } from "./encodings.ts";
import { relationName } from "./relation-name.ts";

/** The rows of queues.sql. */
export function decodeQueues(rows: readonly TextRow[], encodings: Encodings): readonly LockQueue[] {
  return rows.map((row) => {
    const [lockType, mode, database, schema, name, oid] = row;
    return {
      lockType: lockType!,
      mode: mode!,
      relation: oid == null ? null : relationName({ database, schema, name, oid }, encodings),
      object: objectOf(row),
      waiters: numbers(row[13]),
      sinceSeconds: numbers(row[14]),
      preparedHolders: preparedHolders(row[15]),
    };
  });
}

function objectOf([lockType, , , , , , page, tuple, virtualXid, xid, classId, objectId, objectSubId]: TextRow & {
  readonly 0?: string | null;
}): string {
  if (tuple != null) return `(${page},${tuple})`;
  if (page != null) return `page ${page}`;
  if (virtualXid != null) return virtualXid;
  if (xid != null) return xid;
  if (objectId == null) return "";
  if (lockType === "advisory") return advisoryKeys(classId!, objectId, objectSubId!);
  return `${classId}.${objectId}`;
}

/** As the functions take them: one bigint, which stands in two halves, or two ints, told by the last field. */
function advisoryKeys(high: string, low: string, kind: string): string {
  if (kind !== "1") return `${signed(high)}, ${signed(low)}`;
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

function signed(oid: string): number {
  return Number(oid) | 0;
}

function numbers(text: string | null | undefined): readonly number[] {
  return text == null || text === "" ? NONE : text.split(" ").map(Number);
}

const NONE: readonly number[] = [];

/** `1234 RowExclusiveLock,1240 ShareLock` */
function preparedHolders(text: string | null | undefined): readonly PreparedHolder[] {
  if (text == null || text === "") return [];
  return text.split(",").map((one) => {
    const [xid, mode] = one.split(" ");
    return { xid: Number(xid), mode: mode! };
  });
}
