import { isClient, isHidden, isNamedByKernel, mayBeClient, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { clientName } from "./client-name.ts";
import type { Grouping } from "./holders.ts";
import { lastResult } from "./last-result.ts";
import { stateName, waitsForLock, type StateName } from "./states.ts";

export type HolderGrouping = Grouping | "state" | "query";

/** One grouping, or two of them together: each application on each client. */
export type HolderBy = readonly [HolderGrouping] | readonly [HolderGrouping, HolderGrouping];

/** Those that the holders tab goes through, in this order. */
export const HOLDER_BYS: readonly HolderBy[] = [
  ["application"],
  ["role"],
  ["client"],
  ["database"],
  ["state"],
  ["query"],
  ["application", "client"],
  ["role", "database"],
  ["application", "state"],
];

/** Null: the server did not say (hidden from our role, or still starting). Empty: the session gave no name, or has run no query. */
export type Name = string | null;

/** Sessions that go by one name, or by one pair of names. */
export interface HolderGroup {
  /** Tells it from the other groups of the same grouping, in every sample. */
  readonly key: string;
  readonly by: HolderBy;
  /** As many as there are groupings. */
  readonly names: readonly Name[];
  /** One of its sessions: the text of a query, where its name is an id. */
  readonly one: Backend;
  readonly count: number;
  readonly states: Readonly<Partial<Record<StateName, number>>>;
  /** Of the active ones: waiting for a lock. */
  readonly waiting: number;
  /** Rows that our role may not look into: each may be a parallel worker, which holds no slot. */
  readonly hidden: number;
  /** How long the one has been idle that rests the longest; null when none is idle or nobody tells. */
  readonly oldestIdleSeconds: number | null;
  /** How long the one has been in its state that has been in it the longest, whichever it is. */
  readonly oldestStateSeconds: number | null;
  /** Idle since they were opened: what a pool that opens more than it needs, or a leak, is made of. */
  readonly neverUsed: number;
}

export const holderGroups = lastResult(groupsOf);

/** The sessions of a sample in groups, the largest first, then by name. Hidden sessions count: their role and database are visible. */
function groupsOf(sample: Sample, by: HolderBy): readonly HolderGroup[] {
  const groups: Open[] = [];
  const places: Places<Open> = new Map();
  for (const backend of sample.backends) {
    if (!holdsSlot(backend)) continue;
    let group = placeOf(places, backend, by);
    if (group === undefined) {
      group = opened(backend, by);
      setPlace(places, group.names, group);
      groups.push(group);
    }
    add(group, backend, sample);
  }
  return groups.sort((a, b) => b.count - a.count || compareNames(a.names, b.names));
}

/** How many sessions go by which name; the second name is "" where there is one grouping only. */
export type GroupCounts = Places<number>;

/** The bare counts, for the many samples of a history. */
export function groupCounts(backends: Iterable<Backend>, by: HolderBy): GroupCounts {
  const counts: GroupCounts = new Map();
  for (const backend of backends) {
    if (!holdsSlot(backend)) continue;
    const first = NAMES[by[0]](backend);
    const second = by[1] === undefined ? "" : NAMES[by[1]](backend);
    let inner = counts.get(first);
    if (inner === undefined) counts.set(first, (inner = new Map<Name, number>()));
    inner.set(second, (inner.get(second) ?? 0) + 1);
  }
  return counts;
}

export function countIn(counts: GroupCounts, names: readonly Name[]): number {
  return counts.get(names[0]!)?.get(names.length === 1 ? "" : names[1]!) ?? 0;
}

export function membersOf(sample: Sample, { by, names }: Pick<HolderGroup, "by" | "names">): Backend[] {
  return sample.backends.filter(
    (backend) => holdsSlot(backend) && by.every((grouping, i) => NAMES[grouping](backend) === names[i]),
  );
}

/** Whom the groups are made of: whoever holds an ordinary slot, or may do so. */
export function holdsSlot(backend: Backend): boolean {
  return isClient(backend) || mayBeClient(backend);
}

/** Without SQL nobody tells whether a session that rests has ever run a query. */
function isNeverUsed(backend: Backend): boolean {
  if (isNamedByKernel(backend)) return false;
  return backend.state === "idle" && backend.query === "" && backend.queryStartSeconds === null;
}

/** What tells one statement from another: its id where the server gives one, else the first line of its text. Null where nobody tells. */
export function statementName(backend: Backend): Name {
  const untold = backend.query === "" && (isNamedByKernel(backend) || backend.state === "disabled");
  if (isHidden(backend) || untold) return null;
  return backend.queryId ?? firstLine(backend.query);
}

export function firstLine(query: string): string {
  const text = query.trimStart();
  const end = text.search(LINE_END);
  return end < 0 ? text : text.slice(0, end).trimEnd();
}

const LINE_END = /[\r\n]/;

const NAMES: Readonly<Record<HolderGrouping, (backend: Backend) => Name>> = {
  application: (b) => b.application,
  role: (b) => b.user,
  client: clientName,
  database: (b) => b.database,
  state: (b) => (isHidden(b) ? "hidden" : b.state),
  query: statementName,
};

type Open = { -readonly [K in keyof HolderGroup]: HolderGroup[K] } & { states: Partial<Record<StateName, number>> };

function opened(one: Backend, by: HolderBy): Open {
  const names = by.map((grouping) => NAMES[grouping](one));
  return {
    // No name has a NUL in it; and an empty name is another one than none.
    key: `${by.join("+")}\0${names.map((name) => (name === null ? "-" : `=${name}`)).join("\0")}`,
    by,
    names,
    one,
    count: 0,
    states: {},
    waiting: 0,
    hidden: 0,
    oldestIdleSeconds: null,
    oldestStateSeconds: null,
    neverUsed: 0,
  };
}

function add(group: Open, backend: Backend, sample: Sample): void {
  group.count++;
  const state = stateName(backend);
  group.states[state] = (group.states[state] ?? 0) + 1;
  if (state === "active" && waitsForLock(backend)) group.waiting++;
  if (isHidden(backend)) group.hidden++;
  if (isNeverUsed(backend)) group.neverUsed++;
  const age = secondsSince(backend.stateChangeSeconds, sample);
  if (age === null) return;
  group.oldestStateSeconds = Math.max(age, group.oldestStateSeconds ?? 0);
  if (state === "idle") group.oldestIdleSeconds = Math.max(age, group.oldestIdleSeconds ?? 0);
}

type Places<T> = Map<Name, Map<Name, T>>;

/** Two steps rather than one joined name: no text is made for each of a thousand sessions. */
function placeOf<T>(places: Places<T>, backend: Backend, by: HolderBy): T | undefined {
  return places.get(NAMES[by[0]](backend))?.get(by[1] === undefined ? "" : NAMES[by[1]](backend));
}

function setPlace<T>(places: Places<T>, names: readonly Name[], value: T): void {
  const second = names.length === 1 ? "" : names[1]!;
  const inner = places.get(names[0]!);
  if (inner === undefined) places.set(names[0]!, new Map([[second, value]]));
  else inner.set(second, value);
}

/** What was not told comes last. */
export function compareNames(a: readonly Name[], b: readonly Name[]): number {
  for (const [i, name] of a.entries()) {
    const other = b[i]!;
    if (name === other) continue;
    if (name === null) return 1;
    return other === null || name < other ? -1 : 1;
  }
  return 0;
}
