import type { State } from "./state.ts";

/** When it is tried again, in half a sentence: "trying again in 1.4 s, 3rd try". Empty while there is a connection. */
export function retryWords({ entry: { retry }, now }: Pick<State, "entry" | "now">): string {
  if (retry === null) return "";
  const { tries, at } = retry;
  const which = `${ordinal(tries)} try`;
  const seconds = at === null ? 0 : (at - now) / 1000;
  // An attempt takes as long as the network lets it.
  return seconds <= 0 ? `trying now, ${which}` : `trying again in ${seconds.toFixed(seconds < 10 ? 1 : 0)} s, ${which}`;
}

function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th")}`;
}
