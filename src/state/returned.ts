import { clientName } from "../analysis/client-name.ts";
import type { Order } from "../model/action.ts";
import { isClient, isSameBackend, type Backend, type BackendKey } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { byPid } from "./as-shown.ts";
import type { Outcome } from "./outcome.ts";

/** One source of sessions: a pool, a leaking worker. */
export interface Returned {
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  /** How many of the targets from there have ended. */
  readonly ended: number;
  /** How many more sessions than these, begun since the signal, there are now than others have gone from there by themselves. */
  readonly came: number;
  /** Seconds from the signal to the start of the first of them; null while none has come. */
  readonly firstSeconds: number | null;
}

/** So long after the last one has ended, whoever comes from where it came is counted. */
export const RETURN_SECONDS = 5;

/**
 * Who has come back to where those came from that ended: by role, database, application and client, since nothing else tells a pool.
 * Sessions come and go in the best of times: newcomers that took the place of others, which went by themselves, are not counted.
 */
export function returnedTo(
  { order, sources, returned }: Outcome,
  done: ReadonlyMap<BackendKey, number>,
  sample: Sample,
  sentSeconds: number,
): Returned[] {
  const ended = order.targets.filter((target) => done.has(target.key) && isClient(target));
  if (ended.length === 0) return [];
  const rows = byPid(sample);
  const isGone = (backend: Backend): boolean => {
    const now = rows.get(backend.pid);
    return now === undefined || !isSameBackend(now, backend);
  };
  const newcomers = new Map<string, number[]>();
  for (const backend of sample.backends) {
    const begun = backend.backendStartSeconds;
    if (begun === null || begun < sentSeconds || !isClient(backend)) continue;
    const source = sourceOf(backend);
    newcomers.set(source, [...(newcomers.get(source) ?? []), begun - sentSeconds]);
  }
  const found = [...new Set(ended.map(sourceOf))].map((source): Returned => {
    const from = ended.filter((target) => sourceOf(target) === source);
    const { user, database, application } = from[0]!;
    const client = clientName(from[0]!);
    const arrivals = newcomers.get(source) ?? [];
    const left = (sources.get(source) ?? []).filter((one) => !done.has(one.key) && isGone(one)).length;
    const before = returned.find(
      (one) => JSON.stringify([one.user, one.database, one.application, one.client]) === source,
    );
    const first = Math.min(before?.firstSeconds ?? Infinity, ...arrivals);
    const came = Math.max(0, arrivals.length - left);
    const firstSeconds = first === Infinity ? null : first;
    return { user, database, application, client, ended: from.length, came, firstSeconds };
  });
  return found.sort((a, b) => b.came - a.came || b.ended - a.ended);
}

/** The sessions that there are now from each of the places where the targets are from. */
export function sourcesOf({ action, targets }: Order, { backends }: Sample): ReadonlyMap<string, readonly Backend[]> {
  const sources = new Map<string, Backend[]>();
  if (action === "cancel") return sources;
  for (const target of targets) sources.set(sourceOf(target), []);
  for (const backend of backends) if (isClient(backend)) sources.get(sourceOf(backend))?.push(backend);
  return sources;
}

function sourceOf(backend: Backend): string {
  const { user, database, application } = backend;
  return JSON.stringify([user, database, application, clientName(backend)]);
}

export function sameCame(a: readonly Returned[], b: readonly Returned[]): boolean {
  return a.length === b.length && a.every(({ came, ended }, i) => came === b[i]!.came && ended === b[i]!.ended);
}
