import { clientName } from "../analysis/holders.ts";
import { lastResult } from "../analysis/last-result.ts";
import { isClient, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";

/** Sessions from one place: what a pool, a worker or a person opens. */
export interface Source {
  readonly application: string | null;
  readonly role: string | null;
  /** An address, or "local"; null when nobody tells. */
  readonly client: string | null;
  readonly sessions: readonly Backend[];
}

/** Everybody's sessions but our own; rows that are hidden from our role are not among them. */
export const sessions = lastResult((sample: Sample): readonly Backend[] =>
  sample.backends.filter((backend) => isClient(backend) && backend.pid !== sample.server.ownPid),
);

/** The sessions by where they come from, in the order in which each was seen first. */
export const sources = lastResult((sample: Sample): readonly Source[] => {
  const found = new Map<string, { -readonly [K in keyof Source]: Source[K] } & { sessions: Backend[] }>();
  for (const backend of sessions(sample)) {
    const { application, user: role } = backend;
    const client = clientName(backend);
    const key = `${application ?? "\0"}\0${role ?? "\0"}\0${client ?? "\0"}`;
    const source = found.get(key);
    if (source === undefined) found.set(key, { application, role, client, sessions: [backend] });
    else source.sessions.push(backend);
  }
  return [...found.values()];
});

/** Things under the name that each of them has, in the order in which each name was seen first. */
export function grouped<T>(things: readonly T[], nameOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const name = nameOf(thing);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [thing]);
    else group.push(thing);
  }
  return groups;
}
