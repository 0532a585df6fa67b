import {
  firstLine,
  type HolderBy,
  type HolderGroup,
  type HolderGrouping,
  type Name,
} from "../analysis/holder-groups.ts";
import { isFull, type LimitUse } from "../analysis/slots.ts";
import { rangeWords } from "./slots-words.ts";

/** "application and client". */
export function byWords(by: HolderBy): string {
  return by.join(" and ");
}

/** What a group is called: a query by its text, wherever the server has an id for it, and the id behind it. */
export function groupName({ by, names, one }: Pick<HolderGroup, "by" | "names" | "one">, i: number): string {
  const name = names[i]!;
  if (by[i] !== "query" || name === null || one.queryId !== name) return nameWords(name, by[i]!);
  return `${firstLine(one.query)} (id ${name})`;
}

function nameWords(name: Name, grouping: HolderGrouping): string {
  if (name === null) return "(not told)";
  if (name === "") return grouping === "query" ? "(no query)" : "(no name)";
  return name;
}

/** "≤12" where rows are among them that may be none: a hidden parallel worker holds no slot. */
export function countWords({ count, hidden }: Pick<HolderGroup, "count" | "hidden">): string {
  return hidden > 0 ? `≤${count}` : String(count);
}

/** "10/10 FULL". */
export function limitUseWords(limit: LimitUse): string {
  return `${rangeWords(limit.used)}/${limit.limit}${isFull(limit) ? " FULL" : ""}`;
}

/** "+3", "-2", "0"; a question mark where it is not known. */
export function changeWords(change: number | null): string {
  if (change === null) return "?";
  return change > 0 ? `+${change}` : String(change);
}

/** Sessions per second: "0", "0.03", "2.5", "41". */
export function rateWords(perSecond: number | null): string {
  if (perSecond === null) return "?";
  if (perSecond === 0) return "0";
  return perSecond < 0.995 ? perSecond.toFixed(2) : perSecond < 9.95 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}
