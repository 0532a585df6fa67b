import type { Sample } from "../model/reading.ts";
import { groupsOf, type HolderGroup, type Name } from "./holder-groups.ts";
import { lastResult } from "./last-result.ts";

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
  return lastResult((sample) =>
    groupsOf(sample, [by]).map(({ names, count, states, oldestStateSeconds }) => ({
      ...{ by, name: names[0]! },
      ...{ count, states, oldestStateSeconds },
    })),
  );
}
