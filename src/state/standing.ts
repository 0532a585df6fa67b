import type { Action } from "../model/action.ts";
import { isClient, isHidden, type Backend } from "../model/backend.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import { majorOf, type Server } from "../model/server.ts";
import { identifier } from "../text/identifier.ts";
import type { Filter } from "./filter.ts";
import { protects } from "./protect.ts";

/** Why a backend is ended singly only, and after a second step. */
export interface Protection {
  readonly kind: "walsender" | "autovacuum" | "background worker" | "superuser" | "asked for";
  /** What it is and what ending it would do, in one or two sentences. */
  readonly why: string;
}

/** What a backend is to an action. */
export type Standing =
  | { readonly kind: "free" }
  | { readonly kind: "protected"; readonly protection: Protection }
  /** A parallel worker: its leader is the one to act on. */
  | { readonly kind: "redirect"; readonly leader: Backend }
  /** Nothing can be sent: `short` for a list of those left out, `why` as a sentence with what to do instead. */
  | { readonly kind: "impossible"; readonly short: string; readonly why: string };

/**
 * Looked up before a question is asked, so that nobody types a phrase for nothing. signal.sql looks at all of it once more, but for
 * `protect`, which only we know.
 */
export function standing(backend: Backend, action: Action, sample: Sample, protect: readonly Filter[]): Standing {
  const { server } = sample;
  const { pid, backendType } = backend;
  if (pid === server.ownPid) return impossible("ours", `${pid} is our own session: q quits`);
  if (isHidden(backend)) {
    if (!speaksSql(server.lane))
      return impossible("not understood", `${pid} has a title that cannot be understood: who that is, nobody can say`);
    return impossible("hidden", `${pid} is hidden from our role: GRANT pg_monitor TO ${identifier(server.user)} first`);
  }
  if (backendType === "parallel worker") return behindLeader(backend, sample);
  const halfOpen = backendType === "half-open";
  if (!isClient(backend) && backendType !== "walsender" && !halfOpen && backend.database === null) {
    return impossible("the server's own", `${pid} is the server's own ${backendType}: it is not ended from here`);
  }
  const suspect = backendType === "background worker" ? parallelLeader(backend, sample) : undefined;
  if (suspect !== undefined) {
    const why = `${pid} is perhaps a parallel worker of ${suspect.pid}, which runs the same query: act on that one`;
    return impossible("parallel worker", why);
  }
  const missing = missingRight(backend, action, server);
  if (missing !== null) return impossible("no right", missing);
  const idle = action === "cancel" ? nothingToCancel(backend, server) : null;
  if (idle !== null) return impossible(idle.short, `${pid} ${idle.why}; x terminates it`);
  const protection = protectionOf(backend, sample, protect);
  return protection === null ? { kind: "free" } : { kind: "protected", protection };
}

function impossible(short: string, why: string): Standing {
  return { kind: "impossible", short, why };
}

/** To end a parallel worker is to fail its leader's query, with an error that names nobody: better done to the leader, openly. */
function behindLeader({ pid, leaderPid }: Backend, { backends }: Sample): Standing {
  const leader = leaderPid === null ? undefined : backends.find((other) => other.pid === leaderPid);
  if (leader !== undefined) return { kind: "redirect", leader };
  return impossible(
    "parallel worker",
    `${pid} is a parallel worker, and which session leads it is not told (PostgreSQL 12 and older): look for the same query`,
  );
}

/** PostgreSQL 10 calls parallel workers background workers, and lets them show the query of their leader. */
function parallelLeader({ query, user, database }: Backend, { backends }: Sample): Backend | undefined {
  if (query === "" || user === null) return undefined;
  return backends.find(
    (other) => isClient(other) && other.query === query && other.user === user && other.database === database,
  );
}

/** What to grant, in a sentence; null when our role may. Without SQL it is the operating system that says who may. */
export function missingRight({ user, backendType }: Backend, action: Action, server: Server): string | null {
  const { rights, superusers } = server;
  if (!speaksSql(server.lane)) {
    if (rights.signal) return null;
    const osUser = server.postmaster?.osUser ?? "postgres";
    return `only root and ${osUser} may ${action} it from here: sudo -u ${osUser} pgtriage --lane host`;
  }
  if (rights.superuser) return null;
  const us = identifier(server.user);
  if (user === null) {
    if (backendType !== "autovacuum worker") return `only a superuser may ${action} a ${backendType}`;
    if (rights.signalAutovacuum) return null;
    if ((majorOf(server) ?? 0) < 18) return `only a superuser may ${action} autovacuum`;
    return `no right to ${action} autovacuum: GRANT pg_signal_autovacuum_worker TO ${us}`;
  }
  if (superusers.includes(user)) return `${user} is a superuser: only a superuser may ${action} its sessions`;
  if (rights.signal || rights.roles.includes(user)) return null;
  return `no right to ${action} sessions of ${user}: GRANT pg_signal_backend TO ${us}`;
}

/** PostgreSQL answers a cancel with true and does nothing where no query runs: measured on 10 to 18. */
function nothingToCancel(
  { state, backendType, query }: Backend,
  { lane }: Server,
): { readonly short: string; readonly why: string } | null {
  if (backendType === "walsender" && /^\s*(?:START_REPLICATION\b|streaming [0-9A-F]+\/)/i.test(query))
    return { short: "walsender", why: "is a walsender that streams: it pays no heed to a cancel" };
  if (backendType === "half-open")
    return { short: "half-open", why: "has not said yet who it is: no query runs that a cancel could end" };
  if (!speaksSql(lane) && state === null)
    return { short: "not told", why: "does not tell what it does: which query a cancel would end, nobody can say" };
  switch (state) {
    case "idle":
    case "idle in transaction":
      return { short: state, why: `is ${state}: no query runs that a cancel could end` };
    case "idle in transaction (aborted)":
      return { short: "aborted", why: "has failed already and runs nothing: a cancel would do nothing" };
    case "starting":
      return { short: "starting", why: "is still starting: no query runs that a cancel could end" };
    default:
      return null;
  }
}

function protectionOf(backend: Backend, sample: Sample, protect: readonly Filter[]): Protection | null {
  const { backendType, user, query } = backend;
  if (backendType === "walsender") {
    const application = backend.application ?? "";
    const name = application === "" ? "whoever follows this server" : application;
    return {
      kind: "walsender",
      why: `A walsender: ${name} streams from it. Replication breaks off until it connects again; a base backup is lost.`,
    };
  }
  if (backendType === "autovacuum worker") return { kind: "autovacuum", why: autovacuumWords(query) };
  if (!isClient(backend) && backendType !== "half-open") {
    const perhaps = majorOf(sample.server) === 10 ? " On PostgreSQL 10 it may be a parallel worker of a query." : "";
    return {
      kind: "background worker",
      why: `A background worker (${backendType}): what started it may start it again, or fail.${perhaps}`,
    };
  }
  if (user !== null && sample.server.superusers.includes(user)) {
    const who = speaksSql(sample.server.lane) ? `superuser ${user}` : `${user}, probably a superuser`;
    return {
      kind: "superuser",
      why: `A session of ${who}: perhaps somebody who works on this very incident.`,
    };
  }
  for (const filter of protect) {
    const is = protects(filter, backend, sample);
    const why = `Protected by your own --protect ${filter.text}`;
    if (is !== false)
      return { kind: "asked for", why: is === true ? why : `${why}: whose application it is, is not told` };
  }
  return null;
}

function autovacuumWords(query: string): string {
  if (query.includes("(to prevent wraparound)")) {
    return "Autovacuum to prevent wraparound: it comes back at once, and each time it is ended the server comes nearer to the point where it refuses all writes.";
  }
  return "An autovacuum worker: its work on this table stops halfway, and begins anew when autovacuum comes back to it.";
}
