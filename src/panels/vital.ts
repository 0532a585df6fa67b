import type { ProcessNode } from "../analysis/process-tree.ts";
import type { History } from "../history/history.ts";
import { speaksSql } from "../model/lane.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { CloseLookStatement } from "../model/refusal.ts";
import { duration } from "../text/format.ts";
import type { Tone } from "./line.ts";
import type { Sentence } from "./sentences.ts";
import { unknownWords } from "./unknown-words.ts";

/** How a process does, in a phrase for its row and in sentences for the pane below. */
export interface Vital {
  readonly short: string;
  /** Text of a statement, after the phrase: it may be cut anywhere, which words and numbers may not. */
  readonly statement: string;
  readonly tone: Tone;
  /** Among those of one tone, whom to look at first: the greatest. */
  readonly urgency: number;
  readonly more: readonly Sentence[];
}

export type VitalOf = (node: ProcessNode, sample: Sample, history: History) => Vital;

export function vital(
  short: string,
  more: readonly (string | Sentence)[] = [],
  tone: Tone = "normal",
  urgency: number = URGENCY.slow,
): Vital {
  const sentences = more.map((one): Sentence => (typeof one === "string" ? { tone: "normal", text: one } : one));
  return { short, statement: "", tone, urgency, more: sentences };
}

/** A copy that is behind may be missed within the hour; what is merely slow can wait. A copy is the more urgent the farther it is behind. */
export const URGENCY = { slow: 0, full: 1, wraparound: 2, fails: 3, behind: 4 } as const;

/** All of it in one line. */
export function phrase({ short, statement }: Pick<Vital, "short" | "statement">): string {
  return joined(short, statement);
}

/** What is not known is said, with the reason; without SQL some titles tell a little. */
export function untold({ usage }: ProcessNode, sample: Sample, of: CloseLookStatement): Vital {
  if (!speaksSql(sample.server.lane)) {
    const told = TITLE_TAIL.exec(usage?.title ?? "")?.[1];
    const rest = "How it does beyond its title is unknown, because without SQL nobody tells.";
    if (told !== undefined)
      return vital(told, [`Its title says: ${told}.`, rest], told.startsWith("failed") ? "critical" : "normal");
    return vital(WITHOUT_SQL, [NO_SQL], "muted");
  }
  const { short, because } = unknownWords(sample, of);
  return vital(`unknown: ${short}`, [`How it does is unknown, because ${because}.`], "muted");
}

/** In the row of a process whose title alone is known. */
export const WITHOUT_SQL = "unknown: no SQL";

const NO_SQL = "How it does is unknown, because its title does not tell, and without SQL nobody else.";

/** "archiver last was 00000001…", "startup recovering 00000001…", "walreceiver streaming 0/3000000". */
const TITLE_TAIL = /(?:^|: )(?:archiver|startup|walreceiver|wal receiver)(?: process)? +([a-z].*?)\s*$/;

/** "3.2s ago"; null seconds: "at an unknown time". */
export function ago(seconds: number | null, sample: Sample): string {
  return seconds === null ? "at an unknown time" : `${duration(secondsSince(seconds, sample))} ago`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Parts of a phrase; what is empty is left out. */
export function joined(...parts: readonly (string | null | false)[]): string {
  return parts.filter((part) => part !== null && part !== false && part !== "").join(", ");
}
