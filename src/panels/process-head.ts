import {
  hasJustStarted,
  missingProcesses,
  processTree,
  CONNECTING,
  HIDDEN,
  SESSIONS,
  type ProcessNode,
} from "../analysis/process-tree.ts";
import type { History } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { clean } from "../text/clean.ts";
import { plural } from "../text/format.ts";
import { wholeParts } from "../text/whole-parts.ts";
import { textWidth } from "../text/width.ts";
import { toned, type Line, type Span, type Tone } from "./line.ts";
import { processName } from "./process-cells.ts";
import { fitSpans, spansWidth, spread } from "./spread.ts";
import { vitalSign } from "./vital-signs.ts";

/** Who is missing, who fails, whom to look at; then how many there are, and what they take together. What does not fit is left out whole. */
export function processesSummary(sample: Sample, history: History, width: number): Line {
  const nodes = processTree(sample);
  const counted = (kind: string): number => nodes.find((node) => node.key === kind)?.count ?? 0;
  const [sessions, connecting, hidden] = [SESSIONS, CONNECTING, HIDDEN].map(counted) as [number, number, number];
  const { failing, ailing } = ill(nodes, sample, history);
  const missing = missingOnes(sample);
  const alarms = [...missing.flatMap(({ kind, harmful }) => (harmful ? [`▲ no ${kind}`] : [])), ...failing];
  const left = inRoom(width, [
    (room) => (alarms.length === 0 ? null : toned("critical", asMany(alarms, room) ?? wholeParts(alarms[0]!, room))),
    ...missing.filter(({ harmful }) => !harmful).map(({ kind }) => fixed("warn", `no ${kind}`)),
    (room) => (ailing.length === 0 ? null : lookAt(ailing, room)),
    ...(connecting === 0 ? [] : [fixed("warn", `${connecting} not in yet`)]),
    ...(hidden === 0 ? [] : [fixed("warn", `${hidden} hidden from us`)]),
    fixed("normal", `${nodes.filter(isOwn).length} of the server's own`),
    fixed("normal", plural(sessions, "session")),
  ]);
  const right = totals(sample);
  return spansWidth([...left, ...right]) < width ? spread(left, right, width) : { spans: fitSpans(left, width) };
}

/** What there is to say in so much room; null: nothing that fits. */
type Part = (room: number) => Span | null;

function fixed(tone: Tone, text: string): Part {
  return (room) => (textWidth(text) <= room ? toned(tone, text) : null);
}

/** The parts in their order, as many as there is room for. */
function inRoom(width: number, parts: readonly Part[]): Span[] {
  const spans: Span[] = [];
  for (const part of parts) {
    const comma = spans.length === 0 ? [] : [toned("normal", ", ")];
    const span = part(width - spansWidth([...spans, ...comma]));
    if (span !== null) spans.push(...comma, span);
  }
  return spans;
}

/** "archiver, walsender s1 and 2 more": null where not even the first of them fits. */
function asMany(names: readonly string[], room: number, most = names.length): string | null {
  for (let n = Math.min(most, names.length); n > 0; n--) {
    const rest = names.length - n;
    const text = `${names.slice(0, n).map(clean).join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
    if (textWidth(text) <= room) return text;
  }
  return null;
}

function lookAt(names: readonly string[], room: number): Span | null {
  const named = asMany(names, room - LOOK_AT.length, MOST);
  const text = named === null ? `${names.length} to look at` : `${LOOK_AT}${named}`;
  return textWidth(text) <= room ? toned("warn", text) : null;
}

const LOOK_AT = "look at ";
const MOST = 2;

function isOwn({ kind, pid, unseen }: ProcessNode): boolean {
  return kind !== "client backend" && (pid !== null || unseen !== null);
}

function missingOnes(sample: Sample): readonly { readonly kind: string; readonly harmful: boolean }[] {
  if (hasJustStarted(sample)) return [];
  return missingProcesses(sample).map(({ kind, harmlessWhere }) => ({ kind, harmful: harmlessWhere === null }));
}

interface Ill {
  /** With the first words of their rows. */
  readonly failing: readonly string[];
  /** Those merely to be looked at, by name, as their rows may be far down: the one that can wait least first. */
  readonly ailing: readonly string[];
}

function ill(nodes: readonly ProcessNode[], sample: Sample, history: History): Ill {
  const signs = nodes
    .filter((one) => isOwn(one) && one.kind !== "parallel worker")
    .map((node) => ({ name: processName(node), ...vitalSign(node, sample, history) }));
  const failing = signs
    .filter(({ tone }) => tone === "critical")
    .map(({ name, short }) => `▲ ${name} ${firstWords(short)}`);
  const ailing = signs
    .filter(({ tone }) => tone === "warn")
    .sort((a, b) => b.urgency - a.urgency)
    .map(({ name }) => name.replace(/^(io worker) \d+$/, "$1s"));
  return { failing, ailing: [...new Set(ailing)] };
}

function firstWords(short: string): string {
  return /^[^:,]*/.exec(short)![0].toLowerCase();
}

/** Of all of them, as far as they are measured: memory takes its turns. */
function totals({ usage }: Sample): Span[] {
  const all = usage === null ? [] : [...usage.processes.values()];
  const cpu = all.flatMap(({ cpuPercent }) => (cpuPercent === null ? [] : [cpuPercent]));
  const memory = all.flatMap(({ memoryBytes }) => (memoryBytes === null ? [] : [memoryBytes]));
  const parts = [
    ...(cpu.length === 0 ? [] : [`CPU ${sum(cpu).toFixed(0)} %`]),
    ...(memory.length === 0 ? [] : [`${memory.length < all.length ? "≥" : ""}${bytes(sum(memory))} of their own`]),
  ];
  return parts.length === 0 ? [] : [toned("muted", `all: ${parts.join(", ")} `)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
