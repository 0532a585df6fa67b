import { isClient, mayBeClient, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";
import { stateName, type StateName } from "./states.ts";

export type Grouping = "application" | "role" | "client" | "database";

export const GROUPINGS: readonly Grouping[] = ["application", "role", "client", "database"];

/** Backends that hold slots under one name: who to call. */
export interface Holder {
  readonly by: Grouping;
  /** Null: the server did not say (hidden from our role, or still starting). Empty: the session gave no name. */
  readonly name: string | null;
  readonly count: number;
  readonly states: Readonly<Partial<Record<StateName, number>>>;
  readonly oldestStateSeconds: number | null;
}

/** The sessions of a sample under one grouping, largest first, then by name. Hidden sessions count: their name is visible. */
export function holders(sample: Sample, by: Grouping): readonly Holder[] {
  return KEPT[by](sample, by);
}

function group(sample: Sample, by: Grouping): Holder[] {
  const groups = new Map<
    string | null,
    { count: number; states: Partial<Record<StateName, number>>; oldest: number | null }
  >();
  for (const backend of sample.backends) {
    if (!isClient(backend) && !mayBeClient(backend)) continue;
    const name = nameOf(backend, by);
    let one = groups.get(name);
    if (one === undefined) groups.set(name, (one = { count: 0, states: {}, oldest: null }));
    one.count++;
    const state = stateName(backend);
    one.states[state] = (one.states[state] ?? 0) + 1;
    const age = secondsSince(backend.stateChangeSeconds, sample);
    if (age !== null && (one.oldest === null || age > one.oldest)) one.oldest = age;
  }
  return [...groups]
    .map(([name, group]) => ({ by, name, count: group.count, states: group.states, oldestStateSeconds: group.oldest }))
    .sort((a, b) => b.count - a.count || compareNames(a.name, b.name));
}

/** Each grouping is asked for in every paint. */
const KEPT: Readonly<Record<Grouping, typeof group>> = {
  application: lastResult(group),
  role: lastResult(group),
  client: lastResult(group),
  database: lastResult(group),
};

/** A Unix socket has no address; hidden and starting rows do not tell theirs. */
export function clientName(backend: Backend): string | null {
  if (backend.clientAddress !== null) return backend.clientAddress;
  return backend.clientPort === -1 ? "local" : null;
}

function nameOf(backend: Backend, by: Grouping): string | null {
  if (by === "application") return backend.application;
  if (by === "role") return backend.user;
  return by === "client" ? clientName(backend) : backend.database;
}

function compareNames(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
