import type { DeadTuples } from "../model/horizon.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { fit } from "../text/fit.ts";
import { coarseDuration, count } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { line, toned, type Line } from "./line.ts";

/**
 * The tables of our database with the most dead rows, in at most so many lines.
 *
 * @param dead null: they are being read; "failed": the server did not tell
 */
export function deadTupleLines(
  dead: readonly DeadTuples[] | "failed" | null,
  sample: Sample,
  width: number,
  height: number,
): Line[] {
  const { database, role } = sample.server;
  if (database === null) return [];
  const title = `Dead rows in ${identifier(database)}`;
  if (dead === null) return [line(toned("title", title), toned("muted", ": being read …"))].slice(0, height);
  if (dead === "failed")
    return [line(toned("title", title), toned("warn", ": not known, the server did not tell"))].slice(0, height);
  if (dead.length === 0) {
    const why = role === "standby" ? "not counted on a standby" : "none, as the statistics have it";
    return [line(toned("title", title), toned("muted", `: ${why}`))].slice(0, height);
  }
  const name = Math.max(8, width - NUMBERS);
  const titles = [fit(`${title}, estimated`, name), fit("DEAD", 6, "right"), fit("LIVE", 6, "right")];
  const head = `${titles.join(" ")} ${fit("SHARE", 5, "right")} VACUUMED`;
  const rows = dead.map((one) => line(rowText(one, sample, name)));
  return [line(toned("title", head)), ...rows].slice(0, height);
}

/** Beside the name: two counts, a share, how long ago. */
const NUMBERS = 6 + 6 + 5 + 11 + 4;

function rowText({ table, toast, live, dead, ...when }: DeadTuples, sample: Sample, name: number): string {
  const share = `${Math.round((dead / Math.max(1, dead + live)) * 100)}%`;
  const named = toast
    ? `${fit(table, Math.max(1, Math.min(table.length, name - TOAST.length)), "left", "…")}${TOAST}`
    : table;
  const numbers = [count(dead), count(live)].map((text) => fit(text, 6, "right"));
  return `${fit(named, name, "left", "…")} ${numbers.join(" ")} ${fit(share, 5, "right")} ${vacuumed(when, sample)}`;
}

const TOAST = " (TOAST)";

/** By hand or by autovacuum, whichever was later. */
function vacuumed(
  { vacuumSeconds, autovacuumSeconds }: Pick<DeadTuples, "vacuumSeconds" | "autovacuumSeconds">,
  sample: Sample,
): string {
  const last = Math.max(vacuumSeconds ?? 0, autovacuumSeconds ?? 0);
  if (last === 0) return "never";
  return `${coarseDuration(secondsSince(last, sample))} ago`;
}
