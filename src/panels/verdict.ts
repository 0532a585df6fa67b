import type { Finding } from "../advice/rule.ts";
import { slots } from "../analysis/slots.ts";
import { speaksSql } from "../model/lane.ts";
import { currentFindings } from "../state/current-findings.ts";
import { moment, type State } from "../state/state.ts";
import { plural } from "../text/format.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";
import { fitSpans, spansWidth } from "./spread.ts";

export const SEVERITY_TONES: Readonly<Record<Finding["severity"], Tone>> = {
  critical: "very-old",
  warning: "warn",
  info: "muted",
};

/** The worst that was found, in one sentence, and where the rest of it stands. Notes are not worth an eye at three in the morning. */
export function verdictLine(state: State): Line {
  const all = currentFindings(state);
  const serious = all.filter(({ severity }) => severity !== "info");
  const [worst] = serious;
  if (worst === undefined) return line(toned("muted", ` ${nothing(state, all.length)}`));
  const { width } = state.size;
  const more = tailWords(serious.length - 1, width);
  const tail: Span[] = [toned("normal", "  "), toned("muted", more), toned("normal", " ")];
  const head = [toned(SEVERITY_TONES[worst.severity], ` ▲ ${worst.title}`)];
  const room = Math.max(0, width - spansWidth(tail));
  const said = spansWidth(head) > room ? [...fitSpans(head, room - 1), toned("muted", "…")] : head;
  return { spans: fitSpans([...said, ...tail], width) };
}

/** Where cells are few, they are for the sentence. */
function tailWords(more: number, width: number): string {
  if (width < 100) return more > 0 ? `+${more} (v)` : "(v)";
  return more > 0 ? `+${more} more, v why` : "v why";
}

/** What is not seen is not said to be well. */
function nothing(state: State, notes: number): string {
  const sample = moment(state)?.sample;
  if (sample === undefined) return "";
  const noted = notes === 0 ? "" : `; ${plural(notes, "note")} (v)`;
  if (!speaksSql(sample.server.lane)) return `nothing stands out in what the processes tell${noted}`;
  return slots(sample).hidden > 0 ? `nothing stands out in what our role sees${noted}` : `nothing stands out${noted}`;
}
