import type { Finding, Severity } from "../advice/rule.ts";
import { blocking } from "../analysis/blocking.ts";
import {
  levelOf,
  slots,
  type Level,
  type LimitUse,
  type Range,
  type Slots,
  type Thresholds,
} from "../analysis/slots.ts";
import { states } from "../analysis/states.ts";
import type { Sample } from "../model/reading.ts";
import { hiddenWords, rangeWords } from "../panels/slots-words.ts";
import { clean } from "../text/clean.ts";

/** What a monitoring system of Nagios' kind reads: one line, and an exit code. */
export interface Check {
  readonly line: string;
  readonly exitCode: 0 | 1 | 2 | 3;
}

/**
 * A reading, assessed. What is sure at the lower bound of what our role sees is said; what hidden rows could add to that turns an OK
 * into UNKNOWN, and never anything into an OK.
 *
 * @param refused why we were not let in as asked, for want of a slot: nobody else is either, whatever the numbers say
 * @param found what is wrong beside the slots, the most urgent first
 */
export function checked(
  sample: Sample,
  thresholds: Thresholds,
  refused: string | null = null,
  found: readonly Finding[] = [],
): Check {
  const alarms = found.filter(({ id, severity }) => ALARMS.has(id) && severity !== "info");
  const now = slots(sample, thresholds);
  const limits = now.limits
    .map((limit) => ({ limit, status: statusOfLimit(limit) }))
    .filter(({ status }) => status !== "OK");
  const bySlots = worst([statusOfSlots(now, sample, thresholds), ...limits.map(({ status }) => status)]);
  const status = worst([bySlots, ...alarms.map(({ severity }) => STATUS_OF[severity])]);
  const { lane, user } = sample.server;
  const parts = [slotWords(now), ...limitWords(limits.map(({ limit }) => limit))];
  const hidden = hiddenWords(now, user);
  if (hidden !== null) parts.push(hidden);
  const words = alarms.map(({ title }) => title);
  // What makes it this bad comes first.
  if (bySlots === status && status !== "OK") parts.push(...words);
  else parts.unshift(...words);
  const by = lane === "normal" ? "" : ` (by the ${lane} lane)`;
  if (refused !== null && status !== "CRITICAL")
    return said("CRITICAL", `${refused}${by}`, perfdata(now, sample, thresholds));
  return said(status, `${parts.join("; ")}${by}`, perfdata(now, sample, thresholds));
}

/** No reading, because a slot was wanting: for this check there is nothing worse. */
export function critical(sentence: string): Check {
  return said("CRITICAL", sentence);
}

/** No reading, for whatever other reason. */
export function unknown(sentence: string): Check {
  return said("UNKNOWN", sentence);
}

/** What happened to the server itself, and wakes somebody. What else findings tell is for whoever looks. */
const ALARMS: ReadonlySet<string> = new Set(["server-crashed", "absent-process"]);

type Status = "OK" | "WARNING" | "CRITICAL" | "UNKNOWN";

const STATUS_OF: Readonly<Record<Severity, Status>> = { critical: "CRITICAL", warning: "WARNING", info: "OK" };

const EXIT_CODES = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

/** What is surely bad before what is not known. */
const WORST_FIRST: readonly Status[] = ["CRITICAL", "WARNING", "UNKNOWN", "OK"];

function worst(statuses: readonly Status[]): Status {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? "UNKNOWN";
}

/** The first | ends the text for whoever reads it: names of strangers must not. */
function said(status: Status, text: string, numbers: string | null = null): Check {
  const line = `PGTRIAGE ${status} - ${clean(text).replaceAll("|", "¦")}`;
  return { line: numbers === null ? line : `${line} | ${numbers}`, exitCode: EXIT_CODES[status] };
}

function statusOfSlots({ used }: Slots, { server }: Sample, thresholds: Thresholds): Status {
  const least = STATUS[levelOf(used.low, server.settings, thresholds)];
  const most = STATUS[levelOf(used.high, server.settings, thresholds)];
  return least === "OK" && most !== "OK" ? "UNKNOWN" : least;
}

const STATUS: Readonly<Record<Level, Status>> = { ok: "OK", warn: "WARNING", critical: "CRITICAL", unknown: "UNKNOWN" };

/**
 * Somebody is refused while the server has places: a limit may be meant so, hence no more than a warning. A limit of 0 is a lock, not
 * a limit.
 */
function statusOfLimit({ limit, used }: LimitUse): Status {
  if (limit === 0 || used.high < limit) return "OK";
  return used.low >= limit ? "WARNING" : "UNKNOWN";
}

function slotWords({ used, app, max }: Slots): string {
  if (app === null || max === null) return `${rangeWords(used)} slots used, of how many is not known`;
  const inApp = within(used, app);
  const left = { low: app - inApp.high, high: app - inApp.low };
  const beyond = used.low > app ? `, and ${used.low - app} of the ${max - app} reserved ones` : "";
  return `${rangeWords(inApp)} of ${app} app slots used${beyond}, ${left.high === 0 ? "none" : rangeWords(left)} left`;
}

/** What superusers hold beyond the app slots is held in the reserve. */
function within({ low, high }: Range, most: number): Range {
  return { low: Math.min(low, most), high: Math.min(high, most) };
}

function limitWords(limits: readonly LimitUse[]): string[] {
  const words = limits.slice(0, NAMED).map(({ kind, name, limit, used }) => {
    const sure = used.low >= limit;
    return `${kind} "${name}" ${sure ? "is at its limit of" : `has ${rangeWords(used)} sessions and a limit of`} ${limit}`;
  });
  const more = limits.length - words.length;
  return more > 0 ? [...words, `and ${more} more at their limits`] : words;
}

/** So many roles and databases are named: it is one line. */
const NAMED = 3;

/**
 * label=value;warn;crit;min;max, as the plugin guidelines have it; U is a value that is not known, and is no 0 in anybody's graph.
 */
function perfdata(now: Slots, sample: Sample, thresholds: Thresholds): string {
  const { used, app, max } = now;
  const exact = used.low === used.high ? used.low : null;
  const { byState } = states(sample);
  // Without track_activities, or with titles that stand still, nobody tells what a session does.
  const tells = byState.disabled.count === 0 && sample.server.postmaster?.tellsActivity !== false && now.hidden === 0;
  return [
    gauge("app_used", exact === null || app === null ? null : Math.min(exact, app), app, thresholds),
    gauge("max_used", exact, max, thresholds),
    `idle_in_transaction=${tells ? byState["idle in transaction"].count : "U"}`,
    `waiting=${tells ? blocking(sample).waiting : "U"}`,
  ].join(" ");
}

function gauge(label: string, value: number | null, max: number | null, { warn, critical }: Thresholds): string {
  const number = value ?? "U";
  if (max === null) return `${label}=${number}`;
  return [`${label}=${number}`, percentOf(max, warn), percentOf(max, critical), 0, max].join(";");
}

/** Whole slots, the last one below the threshold: what is above alerts. */
function percentOf(max: number, percent: number): number {
  return Math.floor((max * percent) / 100);
}
