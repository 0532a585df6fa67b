import { secondsSince, type Sample } from "../model/reading.ts";
import { clientName } from "./client-name.ts";
import { compareNames, holdsSlot, type HolderGroup, type Name } from "./holder-groups.ts";
import { lastResult } from "./last-result.ts";
import { stateName, type StateName } from "./states.ts";

export type Grouping = "application" | "role" | "client" | "database";

export const GROUPINGS: readonly Grouping[] = ["application", "role", "client", "database"];

/** Backends that hold slots under one name: who to call. */
export interface Holder extends Pick<HolderGroup, "count" | "states" | "oldestStateSeconds"> {
  readonly by: Grouping;
  readonly name: Name;
}

/** The sessions of a sample under one grouping, largest first, then by name. Hidden sessions count: their name is visible. */
export function holders(sample: Sample, by: Grouping): readonly Holder[] {
  return grouped(sample)[by];
}

interface Open {
  readonly name: Name;
  count: number;
  readonly states: Partial<Record<StateName, number>>;
  oldest: number | null;
}

/**
 * All groupings in one pass, and for what a holder is, with nothing of what the tab tells of a group: this is for every sample,
 * whatever is on the screen.
 */
const grouped = lastResult((sample: Sample): Readonly<Record<Grouping, readonly Holder[]>> => {
  const application = new Map<Name, Open>();
  const role = new Map<Name, Open>();
  const client = new Map<Name, Open>();
  const database = new Map<Name, Open>();
  for (const backend of sample.backends) {
    if (!holdsSlot(backend)) continue;
    const state = stateName(backend);
    const since = backend.stateChangeSeconds;
    add(application, backend.application, state, since);
    add(role, backend.user, state, since);
    add(client, clientName(backend), state, since);
    add(database, backend.database, state, since);
  }
  const listed = (groups: ReadonlyMap<Name, Open>, by: Grouping): Holder[] =>
    [...groups.values()].sort(largestFirst).map((one) => holder(one, by, sample));
  return {
    application: listed(application, "application"),
    role: listed(role, "role"),
    client: listed(client, "client"),
    database: listed(database, "database"),
  };
});

function add(groups: Map<Name, Open>, name: Name, state: StateName, since: number | null): void {
  let one = groups.get(name);
  if (one === undefined) groups.set(name, (one = { name, count: 0, states: {}, oldest: null }));
  one.count++;
  one.states[state] = (one.states[state] ?? 0) + 1;
  if (since !== null && (one.oldest === null || since < one.oldest)) one.oldest = since;
}

function largestFirst(a: Open, b: Open): number {
  return b.count - a.count || compareNames([a.name], [b.name]);
}

function holder({ name, count, states, oldest }: Open, by: Grouping, sample: Sample): Holder {
  return { by, name, count, states, oldestStateSeconds: secondsSince(oldest, sample) };
}
