import { nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { duration } from "../text/format.ts";
import { cut, textWidth } from "../text/width.ts";
import { grouped } from "./sources.ts";

/** A name from anywhere within a sentence of ours: cleaned, and cut where it would leave no room for the rest. */
export function short(name: string, cells = 24): string {
  const cleaned = clean(name);
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
export function tallied(names: readonly string[], most = 3): string {
  const counts = [...grouped(names, (name) => name)].map(([name, group]) => ({ name, count: group.length }));
  counts.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const more = counts.length - most;
  const named = counts.slice(0, most).map(({ name, count }) => `${name} ${count}`);
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
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
