import { isFull, type Range, type Slots } from "../analysis/slots.ts";
import type { Server } from "../model/server.ts";
import { identifier } from "../text/identifier.ts";
import { toned, type Span } from "./line.ts";

/** The level as mark and word: colour is never the only sign. */
export function levelSpan(slots: Slots): Span {
  switch (slots.level) {
    case "ok":
      return toned("ok", "OK");
    case "warn":
      return toned("warn", "▲ WARN");
    case "critical":
      return toned("critical", " ▲ CRITICAL ");
    case "unknown":
      return toned("warn", "? UNKNOWN");
  }
}

/** Of a picture that is stale nobody knows whether it still holds: a calm word is not believed of a server that has gone. */
export function formerLevelSpan({ level }: Slots): Span {
  switch (level) {
    case "ok":
      return toned("muted", "was OK");
    case "warn":
      return toned("warn", "was WARN");
    case "critical":
      return toned("critical", "was CRITICAL");
    case "unknown":
      return toned("warn", "? UNKNOWN");
  }
}

/** "90/100"; "3-11/100" when hidden sessions may or may not hold slots. */
export function usedOfMax(slots: Slots): string {
  return `${rangeWords(slots.used)}/${slots.max ?? "?"}`;
}

/** A count of what our role may see: "9", or "9+" when sessions are hidden that may have to be added. */
export function seenCount(count: number, hidden: number): string {
  return hidden === 0 ? String(count) : `${count}+`;
}

/** "9", or "3-11" where hidden sessions may or may not count. */
export function rangeWords({ low, high }: Range): string {
  return low === high ? String(low) : `${low}-${high}`;
}

/** What an ordinary role can still open, in words. Where the numbers have it otherwise, or not at all, the server is right. */
export function leftForApps(slots: Slots, { postmaster }: Pick<Server, "postmaster">): string {
  const refused = postmaster?.refuses ?? null;
  if (refused !== null && slots.free.app !== 0)
    return refused === "everybody" ? "nobody is let in" : "ordinary roles are refused";
  if (slots.free.app !== null)
    return slots.free.app === 0 ? "none left for app roles" : `${slots.free.app} left for app roles`;
  if (slots.app === null) return "how many are left is not known";
  const most = Math.max(0, slots.app - slots.used.low);
  const least = Math.max(0, slots.app - slots.used.high);
  return `${least}-${most} left for app roles`;
}

/** How the reserve is made up: "3 reserved + 3 superuser". */
export function reserveWords(slots: Slots): string {
  const parts = [];
  if (slots.reserved === null || slots.superuserReserved === null) return "";
  if (slots.reserved > 0) parts.push(`${slots.reserved} reserved`);
  if (slots.superuserReserved > 0) parts.push(`${slots.superuserReserved} superuser`);
  return parts.join(" + ");
}

/** The limits of roles and databases that are full or nearly so: they refuse before the server does. */
export function limitWords(slots: Slots): string[] {
  return slots.limits
    .filter((limit) => limit.used.low >= limit.limit * 0.8)
    .sort((a, b) => b.used.low / Math.max(1, b.limit) - a.used.low / Math.max(1, a.limit))
    .map(
      (limit) => `${limit.kind} ${limit.name} ${rangeWords(limit.used)}/${limit.limit}${isFull(limit) ? " FULL" : ""}`,
    );
}

/** What rows our role may not look into, and what would show them; null when it sees everything. */
export function hiddenWords(slots: Slots, user: string): string | null {
  if (slots.hidden === 0) return null;
  const all = slots.used.high;
  return `${slots.hidden} of ${all} hidden: GRANT pg_monitor TO ${identifier(user)}`;
}
