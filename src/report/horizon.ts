import { idleWithoutPin, pins, type Pin } from "../analysis/horizon.ts";
import type { Sample } from "../model/reading.ts";

/** What holds VACUUM back, for scripts; null where nobody tells. Ages in transaction ids. */
export function horizonRecord(sample: Sample): object | null {
  const held = pins(sample);
  if (held === null) return null;
  return {
    oldestAge: held.oldestAge,
    pins: held.all.map(pinRecord),
    idleInTransactionWithoutPin: idleWithoutPin(sample).map(({ pid }) => pid),
    databases: sample.server.databaseAges,
  };
}

function pinRecord(pin: Pin): object {
  return {
    kind: KINDS[pin.kind],
    holds: pin.kind === "xid" || pin.kind === "snapshot" ? pin.kind : null,
    who: whoOf(pin),
    database: pin.database,
    age: pin.xidAge,
    seconds: pin.seconds === null ? null : Math.round(pin.seconds * 1000) / 1000,
    keeps: pin.keeps,
    sure: pin.sure,
  };
}

const KINDS: Readonly<Record<Pin["kind"], string>> = {
  xid: "session",
  snapshot: "session",
  feedback: "standby",
  slot: "slot",
  prepared: "prepared",
};

function whoOf(pin: Pin): string {
  if (pin.kind === "slot") return pin.slot.name;
  return pin.kind === "prepared" ? pin.prepared.gid : String(pin.backend.pid);
}
