import { pins, type Pin } from "../analysis/horizon.ts";
import { inTransactionBlock } from "../analysis/transaction-block.ts";
import { isHidden, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { PinRow } from "../state/pin-rows.ts";
import { bytes } from "../text/bytes.ts";
import { count, duration, span } from "../text/format.ts";
import type { Tone } from "./line.ts";
import { ageTone, backendName, kindName, pinName, scopeName } from "./pin-names.ts";

export type CellName = "who" | "kind" | "xids" | "age" | "scope" | "keeps" | "state";

export interface Text {
  readonly text: string;
  readonly tone: Tone;
}

/** What stands in the columns of a row, and behind them. */
export type Texts = Record<CellName | "rest", Text>;

export function pinTexts(pin: Pin, sample: Sample): Texts {
  const normal = (text: string): Text => ({ text, tone: "normal" });
  const isOldest = pin === pins(sample)?.here;
  return {
    who: { text: pinName(pin), tone: isOldest ? "blocker" : "normal" },
    kind: normal(kindName(pin)),
    xids: { text: count(pin.xidAge), tone: ageTone(pin.xidAge, sample) },
    age: normal(duration(pin.seconds)),
    scope: normal(scopeName(pin)),
    keeps: normal(pin.keeps),
    ...("backend" in pin
      ? { state: stateOf(pin.backend), rest: normal(queryOf(pin)) }
      : pin.kind === "slot"
        ? { state: normal(pin.slot.active ? "active" : "inactive"), rest: normal(slotWords(pin)) }
        : { state: normal("prepared"), rest: normal(`by ${pin.prepared.owner}, ends by ROLLBACK PREPARED`) }),
  };
}

function queryOf(pin: Pin & { readonly backend: Backend }): string {
  const { backend } = pin;
  if (pin.kind === "feedback") return `hot_standby_feedback of ${backend.clientAddress ?? "a standby"}`;
  return isHidden(backend) ? "(hidden: needs pg_monitor)" : backend.query.trimStart();
}

/** What costs the most stands first: there is little room. */
function slotWords({ slot, seconds }: Pin & { readonly kind: "slot" }): string {
  const wal = slot.retainedBytes === null ? "" : `${bytes(Math.max(0, slot.retainedBytes))} of WAL, `;
  if (slot.active) return `${wal}${slot.kind}, used by ${slot.activePid ?? "somebody"}`;
  return `${wal}${slot.kind}, inactive${seconds === null ? "" : ` for ${span(seconds)}`}`;
}

export function harmlessTexts({ backend, transaction }: PinRow & { readonly kind: "harmless" }, sample: Sample): Texts {
  const muted = (text: string): Text => ({ text, tone: "muted" });
  // PostgreSQL forgets when an aborted transaction began: its age is that of its state.
  const since = backend.xactStartSeconds ?? backend.stateChangeSeconds;
  return {
    who: muted(backendName(backend)),
    kind: muted("pins nothing"),
    xids: muted("-"),
    age: muted(duration(secondsSince(since, sample))),
    scope: muted(backend.database ?? ""),
    keeps: muted(transaction === "nothing" ? "nothing" : "locks"),
    state: stateOf(backend),
    rest: muted(backend.query.trimStart()),
  };
}

function stateOf(backend: Backend): Text {
  if (isHidden(backend)) return { text: "hidden", tone: "muted" };
  if (backend.state === "idle in transaction") return { text: "idle in tx", tone: "idle-in-transaction" };
  if (backend.state === "idle in transaction (aborted)") return { text: "tx aborted", tone: "aborted" };
  // What follows its query, too, is done in the same transaction.
  const block = backend.state === "active" && inTransactionBlock(backend);
  return {
    text: `${backend.state ?? ""}${block ? " tx" : ""}`,
    tone: backend.state === "active" ? "active" : "normal",
  };
}
