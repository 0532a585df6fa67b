import { findings } from "../advice/index.ts";
import type { Finding } from "../advice/rule.ts";
import { slots } from "../analysis/slots.ts";
import { speaksSql } from "../model/lane.ts";
import { returnedGroups } from "./returned-groups.ts";
import { moment, type State } from "./state.ts";

/** What is wrong at the moment that is shown, the most urgent first; none before the first sample. */
export function currentFindings(state: State): readonly Finding[] {
  const at = state.frozen ?? state.assessed;
  if (at === null || state.unpictured) return NONE;
  const { thresholds } = state.options;
  const returned = returnedGroups(state.outcomes, at.sample);
  return findings({ sample: at.sample, history: at.history, thresholds, returned });
}

/** To look through so many sessions takes more than a millisecond: every other sample is looked through. */
const MANY = 400;

/** After a sample has come. */
export function assess(state: State): State {
  const { live, assessed, history } = state;
  if (live === null) return state;
  const justDone = assessed !== null && assessed.sample === live.before;
  if (justDone && live.sample.backends.length > MANY) return state;
  return { ...state, assessed: { sample: live.sample, history } };
}

/** What names a finding from sample to sample. */
export function findingKey({ id, about }: Finding): string {
  return `${id} ${about}`;
}

/** The one that is explained: the one that was chosen as long as it lasts, else the worst. */
export function shownFinding(state: State): Finding | null {
  const all = currentFindings(state);
  return all.find((one) => findingKey(one) === state.view.finding) ?? all[0] ?? null;
}

/** What is not seen is not said to be well. */
export function nothingWords(state: State): string {
  const sample = moment(state)?.sample;
  if (sample === undefined) return "nothing has been read yet";
  if (!speaksSql(sample.server.lane)) return "nothing stands out in what the processes tell";
  return slots(sample).hidden > 0 ? "nothing stands out in what our role sees" : "nothing stands out";
}

const NONE: readonly Finding[] = [];
