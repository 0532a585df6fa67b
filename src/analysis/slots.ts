import { isClient, isHalfOpen, mayBeClient, mayBeWalsender, type Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { lastResult } from "./last-result.ts";
import { majorOf, type ConnectionLimit, type Server, type SlotSettings } from "../model/server.ts";

export type Level = "ok" | "warn" | "critical" | "unknown";

/** Percent of max_connections or of the app slots, whichever is worse, at which we warn and at which we page. */
export interface Thresholds {
  readonly warn: number;
  readonly critical: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { warn: 80, critical: 95 };

/** A count of which hidden rows may or may not be part: low and high are equal when nothing is hidden. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface LimitUse extends ConnectionLimit {
  readonly used: Range;
}

/** The limits are null where they are not known, in the host lane alone. */
export interface Slots {
  readonly max: number | null;
  readonly superuserReserved: number | null;
  readonly reserved: number | null;
  /** What an ordinary role can use: max − superuser_reserved − reserved. */
  readonly app: number | null;
  readonly used: Range;
  /** By who asks: an ordinary role, a member of pg_use_reserved_connections (16+), a superuser. Null when it is not known. */
  readonly free: { readonly app: number | null; readonly reserved: number | null; readonly superuser: number | null };
  readonly level: Level;
  /** Rows whose details our role may not see, and which are sessions of somebody. */
  readonly hidden: number;
  /** Of `used`: still authenticating. 18 and later show them; before, they hold slots that no row tells of. */
  readonly starting: number;
  /** Beside `used`: accepted, and nothing heard of them; they hold no slot, and fill the table of the postmaster's children. */
  readonly halfOpen: number;
  readonly walsenders: { readonly used: number; readonly max: number | null; readonly ownPool: boolean };
  readonly limits: readonly LimitUse[];
}

/**
 * The slots as PostgreSQL counts them when it accepts or refuses (InitProcess, InitPostgres): a client backend takes one,
 * a walsender does so on 10 and 11 only; parallel workers, autovacuum and auxiliary processes have places of their own. The
 * reserves are no separate pools: the last `superuser_reserved` free slots are for superusers, the `reserved` before them
 * for members of pg_use_reserved_connections, so an ordinary role is refused at max − both, whoever took the others.
 */
export function slots(sample: Sample, thresholds: Thresholds = DEFAULT_THRESHOLDS): Slots {
  return thresholds === DEFAULT_THRESHOLDS ? byDefault(sample) : asWanted(sample, thresholds);
}

// Several panels ask the same question of the same sample in one paint: those that tell a level by the thresholds that somebody has chosen,
// the others by the default ones. Each has a memory of its own, or they would forget for each other what was counted.
const byDefault = lastResult((sample: Sample): Slots => assess(sample, DEFAULT_THRESHOLDS));
const asWanted = lastResult(assess);
const counted = lastResult(count);

function assess(sample: Sample, thresholds: Thresholds): Slots {
  const { settings, postmaster } = sample.server;
  const known = counted(sample);
  // What the server does says more than what can be counted: half-open connections hold no slot.
  const refuses = (postmaster?.refuses ?? null) !== null;
  return { ...known, level: refuses ? "critical" : levelOfRange(known.used, settings, thresholds) };
}

function count(sample: Sample): Omit<Slots, "level"> {
  const { settings, limits } = sample.server;
  const ownPool = walsendersHaveTheirOwnPool(sample.server);
  let clients = 0;
  let walsenders = 0;
  let hidden = 0;
  let starting = 0;
  let halfOpen = 0;
  for (const backend of sample.backends) {
    if (isClient(backend)) {
      clients++;
      if (backend.state === "starting") starting++;
    } else if (backend.backendType === "walsender") walsenders++;
    else if (isHalfOpen(backend)) halfOpen++;
    else if (mayBeClient(backend) || (!ownPool && mayBeWalsender(backend))) hidden++;
  }
  const low = clients + (ownPool ? 0 : walsenders);
  const used = { low, high: low + hidden };
  const { maxConnections: max, superuserReserved, reserved } = settings;
  const app = appSlots(settings);
  return {
    max,
    superuserReserved,
    reserved,
    app,
    used,
    free: {
      app: free(app, used),
      reserved: free(max === null || superuserReserved === null ? null : max - superuserReserved, used),
      superuser: free(max, used),
    },
    hidden,
    starting,
    halfOpen,
    walsenders: { used: walsenders, max: settings.maxWalSenders, ownPool },
    limits: limits.length === 0 ? [] : limitUses(limits, sample.backends),
  };
}

export function appSlots({ maxConnections, superuserReserved, reserved }: SlotLimits): number | null {
  if (maxConnections === null || superuserReserved === null || reserved === null) return null;
  return Math.max(0, maxConnections - superuserReserved - reserved);
}

type SlotLimits = Pick<SlotSettings, "maxConnections" | "superuserReserved" | "reserved">;

/**
 * Whether our role would be given an ordinary slot now; null when that cannot be told. By the rights of the role that this sample was
 * read as.
 */
export function freeForUs(sample: Sample): boolean | null {
  const { free } = slots(sample);
  const { lane, rights } = sample.server;
  // Another role reads than the one that wants in: anything that is free may be for it.
  const left =
    lane === "rescue" || lane === "host" || rights.superuser
      ? free.superuser
      : rights.usesReserved
        ? free.reserved
        : free.app;
  return left === null ? null : left > 0;
}

/** The worse of used/max and used/app slots; critical as well when nothing is left for an ordinary role. */
export function levelOf(used: number, settings: SlotLimits, thresholds: Thresholds): Level {
  const { maxConnections: max } = settings;
  const app = appSlots(settings);
  if (max === null || app === null) return "unknown";
  const percent = Math.max(share(used, max), share(used, app));
  if (percent >= thresholds.critical || used >= app) return "critical";
  return percent >= thresholds.warn ? "warn" : "ok";
}

/** At its limit: the next connection of that role, or to that database, is refused whatever is free. */
export function isFull(limit: LimitUse): boolean {
  return limit.used.low >= limit.limit;
}

/** The limit with the least room first. */
export function byRoom(a: LimitUse, b: LimitUse): number {
  return a.limit - a.used.low - (b.limit - b.used.low);
}

/** Since 12 walsenders are counted against max_wal_senders alone. A version that is not known is taken for a supported one. */
export function walsendersHaveTheirOwnPool(server: Pick<Server, "versionNum">): boolean {
  return (majorOf(server) ?? 12) >= 12;
}

function levelOfRange(used: Range, settings: SlotSettings, thresholds: Thresholds): Level {
  const low = levelOf(used.low, settings, thresholds);
  // What is surely critical stays critical; a level that hidden rows could raise is not claimed.
  return low === levelOf(used.high, settings, thresholds) ? low : "unknown";
}

/** One walk along the sessions, however many limits there are. */
function limitUses(limits: readonly ConnectionLimit[], backends: readonly Backend[]): LimitUse[] {
  const uses = { role: new Map<string, Use>(), database: new Map<string, Use>() };
  for (const { kind, name } of limits) uses[kind].set(name, { sure: 0, perhaps: 0 });
  for (const backend of backends) {
    const sure = isClient(backend);
    if (!sure && !mayBeClient(backend)) continue;
    for (const use of [uses.role.get(backend.user ?? ""), uses.database.get(backend.database ?? "")]) {
      if (use === undefined) continue;
      if (sure) use.sure++;
      else use.perhaps++;
    }
  }
  return limits.map((limit) => {
    const { sure, perhaps } = uses[limit.kind].get(limit.name)!;
    return { ...limit, used: { low: sure, high: sure + perhaps } };
  });
}

interface Use {
  sure: number;
  perhaps: number;
}

function free(limit: number | null, used: Range): number | null {
  return limit !== null && used.low === used.high ? Math.max(0, limit - used.low) : null;
}

function share(used: number, of: number): number {
  return of <= 0 ? 100 : (used * 100) / of;
}
