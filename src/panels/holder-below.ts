import { HOLDER_BYS, holderGroups, membersOf, type HolderBy, type HolderGroup } from "../analysis/holder-groups.ts";
import { lastResult } from "../analysis/last-result.ts";
import { openings, type Openings } from "../analysis/openings.ts";
import { MINUTES, type Growth } from "../history/growth.ts";
import { byRoom, isFull, slots, type LimitUse } from "../analysis/slots.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import { holderFilter, type HolderRow } from "../state/holder-rows.ts";
import { clean } from "../text/clean.ts";
import { duration, plural, span } from "../text/format.ts";
import { cut } from "../text/width.ts";
import { forecastTone, forecastWords, paceWords } from "./forecast-words.ts";
import { changeWords, countWords, groupName, limitUseWords, rateWords } from "./holder-words.ts";
import type { HoldersShown } from "./holders.ts";
import type { Line } from "./line.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";
import { stateWords } from "./state-bar.ts";

/** The selected group in sentences, what matters most first: as many as there is room for. */
export function holdersBelow(row: HolderRow | null, shown: HoldersShown, width: number, height: number): Line[] {
  if (row === null) return [];
  return sentenceLines(sentences(row, shown), width, height);
}

/** So many names of each kind, and so many limits. */
const TOP = 3;

/** Looking through the sessions of a group is for a new sample or another group, not for each paint. */
const sentences = lastResult((row: HolderRow, shown: HoldersShown): readonly Sentence[] => {
  const { group, growth } = row;
  const { sample } = shown;
  const members = membersOf(sample, group);
  const limits = limitsOf(members, sample);
  const told = openings(members, sample);
  const all: (Sentence | null)[] = [
    { text: whoWords(row), tone: "title" },
    { text: growthWords(growth), tone: growth.trend === null ? "normal" : "old" },
    forecastSentence(growth, limits, shown),
    ...limits.map((limit): Sentence => {
      const text = `CONNECTION LIMIT of ${limit.kind} ${limit.name}: ${limitUseWords(limit)}.`;
      return { text, tone: isFull(limit) ? "very-old" : "normal" };
    }),
    told === null ? null : { text: openingWords(told), tone: "normal" },
    ...within(group, members, sample).map((text): Sentence => ({ text, tone: "normal" })),
    { text: `Enter lists them: ${holderFilter(row)}`, tone: "muted" },
  ];
  return all.filter((one) => one !== null);
});

/** Of the roles that its sessions have, and of the databases that they are in: those with the least room. */
function limitsOf(members: readonly Backend[], sample: Sample): readonly LimitUse[] {
  return slots(sample)
    .limits.filter(({ kind, name }) => members.some((b) => (kind === "role" ? b.user : b.database) === name))
    .sort(byRoom)
    .slice(0, TOP);
}

/** Told where this group has a part in it. */
function forecastSentence(growth: Growth, limits: readonly LimitUse[], { forecast }: HoldersShown): Sentence | null {
  if (forecast === null) return null;
  const { limit } = forecast;
  const mine = limits.some(({ kind, name }) => kind === limit?.kind && name === limit.name);
  if (growth.trend === null && !mine) return null;
  return { text: `Forecast: ${forecastWords(forecast)!}.`, tone: forecastTone(forecast) };
}

/** "application leaky: 62 sessions, 12 % of the app slots: 60 idle, 2 active; 40 have never run a query". */
function whoWords({ group, share }: HolderRow): string {
  const who = group.by.map((grouping, i) => `${grouping} ${groupName(group, i)}`).join(", ");
  const part = share === null ? "" : `, ${Math.round(share * 100)} % of the app slots`;
  const sessions = plural(group.count, "session").replace(String(group.count), countWords(group));
  const never = group.neverUsed === 0 ? "" : `; ${neverWords(group)}`;
  return `${who}: ${sessions}${part}: ${stateWords(group)}${never}.`;
}

function neverWords({ neverUsed, count }: HolderGroup): string {
  if (neverUsed === count) return "none has ever run a query";
  return neverUsed === 1 ? "one has never run a query" : `${neverUsed} have never run a query`;
}

function growthWords({ changes, openedPerSecond, gonePerSecond, trend }: Growth): string {
  const known = MINUTES.map((minutes, i) => ({ minutes, change: changes[i]! })).filter(({ change }) => change !== null);
  const over = known.map(({ minutes, change }) => `${changeWords(change)} in ${minutes} min`).join(", ");
  const climb =
    trend === null ? "" : `Climbs by ${paceWords(trend.perSecond * 60).slice(1)} for ${span(trend.seconds)}. `;
  const rates =
    openedPerSecond === null
      ? ""
      : `; ${rateWords(openedPerSecond)} opened and ${rateWords(gonePerSecond)} gone a second lately`;
  return `${climb}${over === "" ? "How it was a minute ago is not known" : over}${rates}.`;
}

/** How much of its age a group may take to be opened, to have been opened at once. */
const AT_ONCE = 0.1;

function openingWords({ count, of, newestSeconds, oldestSeconds, firstSeconds }: Openings): string {
  const others = count === of ? "" : `; the other ${of - count} up to ${duration(firstSeconds)} ago`;
  if (count === 1) return `Opened ${duration(oldestSeconds)} ago${others}.`;
  const taken = oldestSeconds - newestSeconds;
  const n = count === of ? `All ${count}` : String(count);
  if (taken <= oldestSeconds * AT_ONCE) {
    const within = taken < 0.5 ? "at once" : `within ${duration(taken)}`;
    return `${n} opened ${within}, ${duration(oldestSeconds)} ago${others}.`;
  }
  if (oldestSeconds <= 3600) {
    return `${n} opened in the last ${span(oldestSeconds)}, one every ${duration(taken / (count - 1))}${others}.`;
  }
  return `Opened between ${duration(firstSeconds)} and ${duration(newestSeconds)} ago.`;
}

/** Who is in it by the other groupings, and what its sessions did last. */
function within(group: HolderGroup, members: readonly Backend[], sample: Sample): string[] {
  const only = { ...sample, backends: members };
  const others = HOLDER_BYS.filter((by) => by.length === 1 && by[0] !== "state" && by[0] !== "query");
  const parts = others
    .filter(([grouping]) => !group.by.includes(grouping))
    .map((by) => `${by[0]} ${topWords(holderGroups(only, by))}`);
  const who = parts.length === 0 ? [] : [`Of it: ${parts.join("; ")}.`];
  if (group.by.includes("query")) return who;
  return [...who, `Last queries: ${topWords(holderGroups(only, BY_QUERY))}.`];
}

const BY_QUERY: HolderBy = ["query"];

/** A query is told by its beginning. */
const NAME_CELLS = 60;

function topWords(groups: readonly HolderGroup[]): string {
  const top = groups.slice(0, TOP).map((one) => `${cut(clean(groupName(one, 0)), NAME_CELLS)} (${countWords(one)})`);
  const more = groups.length - top.length;
  return more > 0 ? `${top.join(", ")} and ${more} more` : top.join(", ");
}
