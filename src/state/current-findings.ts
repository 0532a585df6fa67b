import { findings } from "../advice/index.ts";
import type { Finding } from "../advice/rule.ts";
import { slots } from "../analysis/slots.ts";
import { speaksSql } from "../model/lane.ts";
import { returnedGroups } from "./returned-groups.ts";
import { moment, shownHistory, type State } from "./state.ts";

/** What is wrong at the moment that is shown, the most urgent first; none before the first sample. */
export function currentFindings(state: State): readonly Finding[] {
  const pair = moment(state);
  if (pair === null) return NONE;
  const { sample } = pair;
  const { thresholds } = state.options;
  const returned = returnedGroups(state.outcomes, sample);
  return findings({ sample, history: shownHistory(state), thresholds, returned });
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
