import { secondsSince, type Sample } from "../model/reading.ts";
import { compareNames, holdsSlot, nameBy, type HolderGroup, type Name } from "./holder-groups.ts";
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
  return KEPT[by](sample);
}

/** Each grouping is asked for in every paint. */
const KEPT: Readonly<Record<Grouping, (sample: Sample) => readonly Holder[]>> = {
  application: keeping("application"),
  role: keeping("role"),
  client: keeping("client"),
  database: keeping("database"),
};

function keeping(by: Grouping): (sample: Sample) => readonly Holder[] {
  return lastResult((sample) => group(sample, by));
}

interface Open {
  readonly name: Name;
  count: number;
  readonly states: Partial<Record<StateName, number>>;
  oldest: number | null;
}

/** In one pass for what a holder is, and nothing of what the tab tells of a group: this is for every sample, whatever is on the screen. */
function group({ backends, serverSeconds }: Sample, by: Grouping): Holder[] {
  const groups = new Map<Name, Open>();
  for (const backend of backends) {
    if (!holdsSlot(backend)) continue;
    const name = nameBy(backend, by);
    let one = groups.get(name);
    if (one === undefined) groups.set(name, (one = { name, count: 0, states: {}, oldest: null }));
    one.count++;
    const state = stateName(backend);
    one.states[state] = (one.states[state] ?? 0) + 1;
    const since = backend.stateChangeSeconds;
    if (since !== null && (one.oldest === null || since < one.oldest)) one.oldest = since;
  }
  const holder = ({ name, count, states, oldest }: Open): Holder => {
    return { by, name, count, states, oldestStateSeconds: secondsSince(oldest, { serverSeconds }) };
  };
  return [...groups.values()]
    .sort((a, b) => b.count - a.count || compareNames([a.name], [b.name]))
    .map((one) => holder(one));
}
