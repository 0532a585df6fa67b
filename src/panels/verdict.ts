import type { Finding } from "../advice/rule.ts";
import { currentFindings, nothingWords } from "../state/current-findings.ts";
import { moment, staleMs, type State } from "../state/state.ts";
import { plural } from "../text/format.ts";
import { wholeNumbers } from "../text/whole-parts.ts";
import { EMPTY_LINE, line, toned, type Line, type Span, type Tone } from "./line.ts";
import { fitSpans, spansWidth } from "./spread.ts";

export const SEVERITY_TONES: Readonly<Record<Finding["severity"], Tone>> = {
  critical: "very-old",
  warning: "warn",
  info: "muted",
};

/** The worst that was found, in one sentence, and where the rest of it stands. Notes are not worth an eye at three in the morning. */
export function verdictLine(state: State): Line {
  if (state.unpictured) return EMPTY_LINE;
  const all = currentFindings(state);
  const serious = all.filter(({ severity }) => severity !== "info");
  const [worst] = serious;
  if (worst === undefined) return line(toned("muted", ` ${nothing(state, all.length)}`));
  const { width } = state.size;
  const more = tailWords(serious.length - 1, width);
  const tail: Span[] = [toned("normal", "  "), toned("muted", more), toned("normal", " ")];
  const room = Math.max(0, width - spansWidth(tail));
  const head = toned(SEVERITY_TONES[worst.severity], wholeNumbers(` ▲ ${worst.title}`, room));
  return { spans: fitSpans([head, ...tail], width) };
}

/** Where cells are few, they are for the sentence. */
function tailWords(more: number, width: number): string {
  if (width < 100) return more > 0 ? `+${more} (v)` : "(v)";
  return more > 0 ? `+${more} more, v why` : "v why";
}

function nothing(state: State, notes: number): string {
  if (moment(state) === null) return "";
  const words = nothingWords(state);
  // What nobody looks at any more, nobody calls well.
  const said = staleMs(state) === null ? words : words.replace("stands out", "stood out");
  return `${said}${notes === 0 ? "" : `; ${plural(notes, "note")} (v)`}`;
}
