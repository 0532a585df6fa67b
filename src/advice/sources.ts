import { clientName } from "../analysis/client-name.ts";
import { lastResult } from "../analysis/last-result.ts";
import { isClient, mayBeClient, type Backend } from "../model/backend.ts";
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
  const found: Source[] = [];
  // Map by map, because to join three names of every session costs more than all the rest.
  const byApplication = new Map<string | null, Map<string | null, Map<string | null, Backend[]>>>();
  for (const backend of sessions(sample)) {
    const { application, user: role } = backend;
    const client = clientName(backend);
    let byRole = byApplication.get(application);
    if (byRole === undefined) byApplication.set(application, (byRole = new Map()));
    let byClient = byRole.get(role);
    if (byClient === undefined) byRole.set(role, (byClient = new Map()));
    const known = byClient.get(client);
    if (known !== undefined) {
      known.push(backend);
      continue;
    }
    const one = [backend];
    byClient.set(client, one);
    found.push({ application, role, client, sessions: one });
  }
  return found;
});

/** How many connections of a role count against its CONNECTION LIMIT, those that are hidden from our role among them. */
export function connectionsOf(role: string, { backends }: Sample): number {
  return backends.filter((backend) => backend.user === role && (isClient(backend) || mayBeClient(backend))).length;
}

/** Things under the name that each of them has, in the order in which each name was seen first. */
export function grouped<T, N>(things: readonly T[], nameOf: (thing: T) => N): Map<N, T[]> {
  const groups = new Map<N, T[]>();
  for (const thing of things) {
    const name = nameOf(thing);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [thing]);
    else group.push(thing);
  }
  return groups;
}
