import { nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { duration } from "../text/format.ts";
import { cut, textWidth } from "../text/width.ts";
import { grouped } from "./sources.ts";

/** A name from anywhere within a sentence of ours: cleaned, and cut where it would leave no room for the rest. */
export function short(name: string, cells = 24): string {
  // Of a long query, what has room; a cleaned text is seldom shorter than that.
  const cleaned = clean(name.slice(0, 4 * cells));
  return textWidth(cleaned) <= cells ? cleaned : `${cut(cleaned, cells - 1)}…`;
}

/** "30412 (web-7)": its application, else its role, else what kind of process it is. */
export function sessionName(backend: Backend): string {
  const name = backend.application === "" || backend.application === null ? backend.user : backend.application;
  const words = backend.backendType === "client backend" ? name : nameOrType(backend).replace(/^\(|\)$/g, "") || name;
  return words === null || words === "" ? String(backend.pid) : `${backend.pid} (${short(words)})`;
}

/** "leaky-worker", or "role app" where the sessions gave no name. */
export function sourceName({ application, role }: { application: string | null; role: string | null }): string {
  if (application !== null && application !== "") return short(application);
  return role === null ? "sessions without a name" : `role ${short(role)}`;
}

/** "idle in transaction for 14m03", "active for 2.1s", "hidden from our role". */
export function stateWords(backend: Backend, sample: Sample): string {
  if (backend.backendType === null) return "hidden from our role";
  const since = backend.state === "active" ? backend.queryStartSeconds : backend.stateChangeSeconds;
  const age = secondsSince(since, sample);
  return `${backend.state ?? "at work"}${age === null ? "" : ` for ${duration(age)}`}`;
}

/** "web-4 21, web-7 19, metabase 10 and 3 more": the largest first. */
export function tallied(counts: ReadonlyMap<string, number>, most = 3): string {
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const named = sorted.slice(0, most).map(([name, count]) => `${name} ${count}`);
  return named.join(", ") + (sorted.length > most ? ` and ${sorted.length - most} more` : "");
}

/** By its application, or by its role where the sessions gave no name. */
export function byApplication<T extends Pick<Backend, "application" | "user">>(
  backends: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const group of grouped(backends, nameGiven).values()) {
    const name = sourceName({ application: group[0]!.application, role: group[0]!.user });
    const before = groups.get(name);
    groups.set(name, before === undefined ? group : [...before, ...group]);
  }
  return groups;
}

/** Of whom they are, as a sentence says it. */
export function applications(backends: readonly Backend[]): string {
  return tallied(sizes(byApplication(backends)));
}

export function sizes<T>(groups: ReadonlyMap<string, readonly T[]>): Map<string, number> {
  return new Map([...groups].map(([name, group]) => [name, group.length]));
}

/** As raw texts: to clean the name of every session costs more than all the rest. Role and application are not mistaken for each other. */
function nameGiven({ application, user }: Pick<Backend, "application" | "user">): string | null {
  return application !== null && application !== "" ? application : user === null ? null : `\0${user}`;
}

/** "a, b and 3 more". */
export function listed(names: readonly string[], most = 3): string {
  const more = names.length - most;
  if (more > 0) return `${names.slice(0, most).join(", ")} and ${more} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** "is" of one, "are" of several. */
export function are(n: number): string {
  return n === 1 ? "is" : "are";
}

/** "none of them is", "1 of them is", "5 of them are". */
export function ofThem(n: number): string {
  return `${n === 0 ? "none" : n} of them ${are(Math.max(1, n))}`;
}

/** What somebody at work waits for. Without a wait event it is on the CPU, or would like to be. */
export function waitEventWords({ waitEventType, waitEvent }: Backend): string {
  return waitEventType === null ? "nothing (on the CPU, or about to be)" : `${waitEventType}:${waitEvent}`;
}
