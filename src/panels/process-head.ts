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
import { plural } from "../text/format.ts";
import { toned, type Line, type Span } from "./line.ts";
import { processName } from "./process-cells.ts";
import { fitSpans, spansWidth, spread } from "./spread.ts";
import { vitalSign } from "./vital-signs.ts";

/** Who is missing, who fails, whom to look at; then how many there are, and what they take together. */
export function processesSummary(sample: Sample, history: History, width: number): Line {
  const nodes = processTree(sample);
  const counted = (kind: string): number => nodes.find((node) => node.key === kind)?.count ?? 0;
  const [sessions, connecting, hidden] = [SESSIONS, CONNECTING, HIDDEN].map(counted) as [number, number, number];
  const left = joined([
    ...missingSpans(sample),
    ...illSpans(nodes, sample, history),
    ...(connecting === 0 ? [] : [toned("warn", `${connecting} not in yet`)]),
    ...(hidden === 0 ? [] : [toned("warn", `${hidden} hidden from us`)]),
    toned("normal", `${nodes.filter(isOwn).length} of the server's own`),
    toned("normal", plural(sessions, "session")),
  ]);
  const right = totals(sample);
  return spansWidth([...left, ...right]) < width ? spread(left, right, width) : { spans: fitSpans(left, width) };
}

function joined(parts: readonly Span[]): Span[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [toned("normal", ", "), part]));
}

function isOwn({ kind, pid, unseen }: ProcessNode): boolean {
  return kind !== "client backend" && (pid !== null || unseen !== null);
}

function missingSpans(sample: Sample): Span[] {
  if (hasJustStarted(sample)) return [];
  return missingProcesses(sample).map(({ kind, harmlessWhere }) =>
    toned(harmlessWhere === null ? "critical" : "warn", `${harmlessWhere === null ? "▲ " : ""}no ${kind}`),
  );
}

/** What fails, with the first words of its row; of what is merely to be looked at the names, as their rows may be far down. */
function illSpans(nodes: readonly ProcessNode[], sample: Sample, history: History): Span[] {
  const failing: Span[] = [];
  const named = new Set<string>();
  for (const node of nodes.filter((one) => isOwn(one) && one.kind !== "parallel worker")) {
    const { tone, short } = vitalSign(node, sample, history);
    if (tone === "critical") failing.push(toned("critical", `▲ ${processName(node)} ${firstWords(short)}`));
    if (tone === "warn") named.add(processName(node).replace(/^(io worker) \d+$/, "$1s"));
  }
  if (named.size === 0) return failing;
  const more = named.size > MOST ? [`and ${named.size - MOST} more`] : [];
  return [...failing, toned("warn", `look at ${[[...named].slice(0, MOST).join(", "), ...more].join(" ")}`)];
}

const MOST = 2;

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
