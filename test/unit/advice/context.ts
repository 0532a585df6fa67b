import { findings, RULES } from "../../../src/advice/index.ts";
import { AGES, type Context, type Finding, type ReturnedGroup } from "../../../src/advice/rule.ts";
import { DEFAULT_THRESHOLDS } from "../../../src/analysis/slots.ts";
import { append, emptyHistory } from "../../../src/history/history.ts";
import type { Backend } from "../../../src/model/backend.ts";
import type { Sample } from "../../../src/model/reading.ts";
import { aSample } from "../builders.ts";

type Given = Partial<Omit<Context, "sample" | "history">>;

/** What rules look at, from these samples: the last one is the moment. */
export function aContext(samples: Sample | readonly Sample[], given: Given = {}): Context {
  const all = Array.isArray(samples) ? (samples as readonly Sample[]) : [samples as Sample];
  return {
    sample: all.at(-1)!,
    history: all.reduce(append, emptyHistory()),
    thresholds: DEFAULT_THRESHOLDS,
    returned: [],
    ages: AGES,
    ...given,
  };
}

/** What one rule says. */
export function said(id: string, samples: Sample | readonly Sample[], given: Given = {}): readonly Finding[] {
  return RULES.find((rule) => rule.id === id)!.check(aContext(samples, given));
}

/** Its titles alone. */
export function titles(id: string, samples: Sample | readonly Sample[], given: Given = {}): string[] {
  return said(id, samples, given).map(({ title }) => title);
}

export function titlesAmong(id: string, backends: readonly Backend[], given: Given = {}): string[] {
  return titles(id, aSample({ backends }), given);
}

/** The rules that say something, the most urgent first. */
export function fired(context: Context): string[] {
  return findings(context).map(({ id }) => id);
}

export function aReturnedGroup(given: Partial<ReturnedGroup> = {}): ReturnedGroup {
  return { role: "app", application: "leaky", client: "10.0.0.7", ended: 6, came: 6, secondsAgo: 3, ...given };
}
