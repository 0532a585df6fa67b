import { lastResult } from "../analysis/last-result.ts";
import { memory, type Memory } from "../analysis/memory.ts";
import { inSums } from "../analysis/own-settings.ts";
import { mostAtWork, type Outlook, type WhatIf, type WhatIfField } from "../analysis/outlook.ts";
import type { Concurrency } from "../analysis/pool-size.ts";
import type { Thresholds } from "../analysis/slots.ts";
import { whatIf, type WhatIfAnswer } from "../analysis/what-if.ts";
import { SETTING_NAMES } from "../analysis/what-if-steps.ts";
import type { Sample } from "../model/reading.ts";
import type { MemoryPart, MemoryRow } from "../state/memory-rows.ts";
import { isAsking, valueNow } from "../state/what-if.ts";
import { bytes } from "../text/bytes.ts";
import { fit } from "../text/fit.ts";
import { wholeParts } from "../text/whole-parts.ts";
import { bar } from "./gauge.ts";
import { toned, type Line, type Span, type Tone } from "./line.ts";
import { howWords } from "./memory-how.ts";
import { machineUnknown, NO_SETTINGS, ofMachine } from "./memory-words.ts";
import { fitSpans, spansWidth, spread } from "./spread.ts";

/** All that the view shows at a time. */
export interface MemoryShown {
  readonly sample: Sample;
  readonly known: Memory;
  readonly wish: WhatIf;
  /** Null: without SQL nobody knows what is set. */
  readonly answer: WhatIfAnswer | null;
  readonly concurrency: Concurrency | null;
  readonly thresholds: Thresholds;
}

/** The same object for the same arguments, so that all lines of a paint ask once. */
export const memoryShown = lastResult(
  (sample: Sample, concurrency: Concurrency | null, wish: WhatIf, thresholds: Thresholds): MemoryShown => ({
    sample,
    known: memory(sample),
    wish,
    answer: whatIf(sample, concurrency, wish, thresholds),
    concurrency,
    thresholds,
  }),
);

/** What it may come to, of what the machine has. */
export function memoryOutlook(shown: MemoryShown, width: number): Line {
  const left = outlookSpans(shown);
  return spread(left, machineBar(shown, Math.min(BAR_CELLS, width - spansWidth(left) - 3)), width);
}

const BAR_CELLS = 30;

function outlookSpans({ known, answer, wish, sample }: MemoryShown): Span[] {
  if (answer === null) return [toned("muted", NO_SETTINGS)];
  const said = (outlook: Outlook): string => {
    const most = mostAtWork(outlook).totalBytes;
    const share = ofMachine(most, known);
    return `${bytes(most)}${share === null ? "" : ` (${share})`}`;
  };
  const { machine } = known;
  const of = machine === null ? `; machine ${machineUnknown(sample)}` : ` of ${bytes(machine.bytes)}`;
  const wished = isAsking(wish) ? [toned("normal", ", then "), toned("title", said(answer.wished))] : [];
  const ours = known.ours.some(inSums) ? [toned("old", ", if all are set as we are")] : [];
  return [toned("normal", "worst case "), toned("title", said(answer.now)), ...wished, toned("muted", of), ...ours];
}

/** As much as the worst case takes of it, and beyond its end a mark. */
function machineBar({ known, answer, thresholds }: MemoryShown, cells: number): Span[] {
  if (known.machine === null || answer === null || cells < LEAST_BAR) return [];
  const share = mostAtWork(answer.wished).totalBytes / known.machine.bytes;
  return [toned(shareTone(share, thresholds), bar(Math.min(1, share), cells) + (share > 1 ? "▲" : " "))];
}

const LEAST_BAR = 8;

/** By the same levels as the slots. */
export function shareTone(share: number, { warn, critical }: Thresholds): Tone {
  if (share * 100 >= critical) return "very-old";
  return share * 100 >= warn ? "warn" : "ok";
}

interface Cells {
  readonly name: number;
  readonly now: number;
  readonly wished: number;
}

function cells(width: number): Cells {
  return { name: width >= 100 ? 25 : width >= 60 ? 21 : 16, now: 8, wished: 9 };
}

/** The cursor's mark, and a blank. */
const INDENT = "  ";

/** The titles of the columns. */
export function memoryTitles({ answer }: MemoryShown, width: number): Line {
  const { name, now, wished } = cells(width);
  const said = `${INDENT}${fit("WHAT", name)} ${fit("NOW", now, "right")} ${answer === null ? "" : `${fit("THEN", wished, "right")} `}HOW`;
  return { spans: fitSpans([toned("muted", said)], width) };
}

/** One row of the list. */
export function memoryLine(row: MemoryRow, shown: MemoryShown, width: number): Line {
  const { name, now, wished } = cells(width);
  const texts = row.kind === "input" ? inputTexts(row.field, shown) : partTexts(row.part, shown);
  const spans = [
    toned(texts.tone, fit(texts.name, name)),
    toned(texts.tone, ` ${fit(texts.now, now, "right")} `),
    ...(texts.wished === null ? [] : [toned(texts.wished.tone, `${fit(texts.wished.text, wished, "right")} `)]),
  ];
  const how = wholeParts(texts.how, width - INDENT.length - spansWidth(spans));
  return { spans: fitSpans([toned("normal", INDENT), ...spans, toned("muted", how)], width) };
}

interface Texts {
  readonly name: string;
  readonly tone: Tone;
  readonly now: string;
  readonly wished: { readonly text: string; readonly tone: Tone } | null;
  readonly how: string;
}

/** What can be changed stands in brackets; what is refused has a mark. */
function inputTexts(field: WhatIfField, shown: MemoryShown): Texts {
  const { sample, wish, answer } = shown;
  const said = (value: number | null): string => {
    if (value === null) return field === "poolSize" ? "none" : "?";
    return field === "workMemBytes" ? bytes(value) : String(value);
  };
  const now = valueNow(field, sample);
  const refused = answer?.refused.some((one) => one.field === field) === true;
  const tone = refused ? "very-old" : wish[field] === null ? "normal" : "title";
  return {
    name: INPUT_NAMES[field],
    tone: "normal",
    now: said(now),
    wished: { text: `[${said(wish[field] ?? now)}]${refused ? "!" : " "}`, tone },
    how: howWords({ kind: "input", field }, shown),
  };
}

export const INPUT_NAMES: Readonly<Record<WhatIfField, string>> = { ...SETTING_NAMES, poolSize: "pool of a pooler" };

function partTexts(part: MemoryPart, shown: MemoryShown): Texts {
  const { answer, known, wish } = shown;
  const now = answer === null ? measuredBytes(part, known) : partBytes(part, answer.now);
  const wished = answer === null ? null : partBytes(part, answer.wished);
  const said = (value: number | null): string => (value === null ? (part === "pooled" ? "" : "?") : bytes(value));
  const changed = said(wished) !== said(now);
  return {
    name: part === "machine" && known.machine !== null ? known.machine.is : PART_NAMES[part],
    tone: SUMS.has(part) ? "title" : "normal",
    now: said(now),
    wished:
      answer === null ? null : { text: isAsking(wish) ? `${said(wished)} ` : "", tone: changed ? "title" : "muted" },
    how: howWords({ kind: "part", part }, shown),
  };
}

const SUMS: ReadonlySet<MemoryPart> = new Set(["worst", "pooled", "now"]);

const PART_NAMES: Readonly<Record<MemoryPart, string>> = {
  shared: "shared memory",
  sessions: "sessions at rest",
  others: "other processes",
  work: "sorts and hashes",
  parallel: "parallel workers",
  maintenance: "autovacuum and such",
  worst: "worst case, the sum",
  pooled: "through the pool",
  now: "at risk now",
  temporary: "temporary tables",
  seed: "formula of old",
  machine: "machine",
};

/** Null: not known, or there is none. */
function partBytes(part: MemoryPart, { memory, pooled }: Outlook): number | null {
  const { full, now, seed, machine } = memory;
  switch (part) {
    case "shared":
      return full.sharedBytes;
    case "sessions":
      return full.restingBytes;
    case "others":
      return full.othersBytes;
    case "work":
      return full.workBytes;
    case "parallel":
      return full.parallel.bytes;
    case "maintenance":
      return full.maintenanceBytes;
    case "worst":
      return full.totalBytes;
    case "pooled":
      return pooled?.totalBytes ?? null;
    case "now":
      return now?.totalBytes ?? null;
    case "temporary":
      return full.temporaryBytes;
    case "seed":
      return seed?.bytes ?? null;
    case "machine":
      return machine?.bytes ?? null;
  }
}

/** Where settings are not known, what is measured. */
function measuredBytes(part: MemoryPart, { sessions, others }: Memory): number | null {
  if (part === "sessions") return sessions.measured?.sumBytes ?? null;
  return part === "others" ? (others.measured?.sumBytes ?? null) : null;
}
