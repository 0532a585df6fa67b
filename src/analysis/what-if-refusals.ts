import type { Sample } from "../model/reading.ts";
import { majorOf } from "../model/server.ts";
import { bytes } from "../text/bytes.ts";
import { mostAtWork, type Outlook, type WhatIf, type WhatIfField } from "./outlook.ts";

export interface Refusal {
  readonly field: WhatIfField;
  readonly why: string;
}

/** What PostgreSQL allows; a number within these may still make no sense. */
export const BOUNDS: Readonly<Record<WhatIfField, { readonly least: number; readonly most: number }>> = {
  connections: { least: 1, most: 262_143 },
  workMemBytes: { least: 64 * 2 ** 10, most: (2 ** 31 - 1) * 2 ** 10 },
  parallelWorkers: { least: 0, most: 1024 },
  poolSize: { least: 1, most: 262_143 },
};

interface Outlooks {
  readonly now: Outlook;
  readonly wished: Outlook;
}

/** For each field that is asked for, the first thing that speaks against it. */
export function refusals(sample: Sample, wish: WhatIf, outlooks: Outlooks): readonly Refusal[] {
  const found: Refusal[] = [];
  for (const field of FIELDS) {
    const value = wish[field];
    if (value === null) continue;
    const why = outOfBounds(field, value) ?? against(field, value, sample, outlooks) ?? tooMuch(field, wish, outlooks);
    if (why !== null) found.push({ field, why });
  }
  return found;
}

const FIELDS: readonly WhatIfField[] = ["poolSize", "parallelWorkers", "workMemBytes", "connections"];

function outOfBounds(field: WhatIfField, value: number): string | null {
  const { least, most } = BOUNDS[field];
  const said = (n: number): string => (field === "workMemBytes" ? bytes(n) : String(n));
  if (field !== "workMemBytes" && !Number.isInteger(value)) return "it has to be a whole number";
  if (value < least) return `the least is ${said(least)}`;
  return value > most ? `the most is ${said(most)}` : null;
}

function against(field: WhatIfField, value: number, sample: Sample, { wished }: Outlooks): string | null {
  const machine = wished.memory.machine;
  if (field === "connections") return tooFew(value, sample);
  if (field === "poolSize" && value > wished.app)
    return `ordinary roles get ${wished.app} of the ${wished.connections} connections`;
  if (field === "workMemBytes" && machine !== null && value > machine.bytes)
    return `the ${machine.is} has ${bytes(machine.bytes)}`;
  return null;
}

/** Up to 11 walsenders have their slots among them: 11 keeps these beside the reserved ones, 10 looks at each by itself. */
function tooFew(connections: number, { server }: Sample): string | null {
  const { superuserReserved, reserved, maxWalSenders } = server.settings;
  const kept = (superuserReserved ?? 0) + (reserved ?? 0);
  const major = majorOf(server) ?? 18;
  const walsenders = major < 12 ? (maxWalSenders ?? 0) : 0;
  const least = (major === 11 ? kept + walsenders : Math.max(kept, walsenders)) + 1;
  if (connections >= least) return null;
  const also = walsenders === 0 ? "" : `, and max_wal_senders = ${walsenders} come out of them`;
  return `${kept} of them are reserved${also}: with fewer than ${least} the server does not start`;
}

/** Raising something beyond what the machine has, or further beyond. */
function tooMuch(field: WhatIfField, wish: WhatIf, { now, wished }: Outlooks): string | null {
  const { machine } = wished.memory;
  const [before, after] = [mostAtWork(now).totalBytes, mostAtWork(wished).totalBytes];
  if (machine === null || after <= machine.bytes || after <= before) return null;
  if (field !== "poolSize" && wish[field]! <= now[field]) return null;
  const who = wished.pooled === null ? "every slot in use and at work" : "all sessions of the pool at work";
  return `with ${who} it could take ${bytes(after)}, and the ${machine.is} has ${bytes(machine.bytes)}`;
}
