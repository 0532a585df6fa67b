import { processTree, type ProcessNode } from "../analysis/process-tree.ts";
import { usageOf } from "../analysis/usage-of.ts";
import type { Backend } from "../model/backend.ts";
import type { Sample } from "../model/reading.ts";
import type { ProcessRow } from "../state/process-rows.ts";
import { selectedRow } from "../state/selection.ts";
import { shownHistory, type State } from "../state/state.ts";
import { hasLeft, selectedTabRow } from "../state/tab-cursor.ts";
import { processPurpose } from "../text/process-words.ts";
import { processName } from "./process-cells.ts";
import { processSentences } from "./processes.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";
import { capital } from "./vital.ts";
import { takesWords, vitalSign } from "./vital-signs.ts";
import { howFar } from "./vital-workers.ts";
import type { Line } from "./line.ts";

/** The process whose page is open, where it is none of a session: of the server's own there is more to say than their row of pg_stat_activity has. */
export function ownProcess(state: State, sample: Sample): ProcessNode | null {
  const backend = selectedRow(state)?.backend;
  if (backend === undefined) return withoutBackend(state);
  const node = nodeOf(backend, sample);
  return node !== undefined && node.kind !== "walsender" && backend.database === null ? node : null;
}

/** The postmaster, the logger, one that is not there: no row of pg_stat_activity is theirs. */
function withoutBackend(state: State): ProcessNode | null {
  const { tab, serverView } = state.view;
  if (tab !== "server" || serverView !== "processes" || hasLeft(state)) return null;
  return (selectedTabRow(state) as ProcessRow | null)?.node ?? null;
}

function nodeOf({ key }: Backend, sample: Sample): ProcessNode | undefined {
  return processTree(sample).find((node) => node.key === key);
}

export function ownProcessName({ pid, ...node }: ProcessNode): string {
  return `${processName({ ...node, pid })}${pid === null ? "" : ` ${pid}`}`;
}

export function ownProcessLines(node: ProcessNode, state: State, sample: Sample): Line[] {
  return sentenceLines(processSentences(node, sample, shownHistory(state)), state.size.width - 2, Infinity);
}

/** On the page of a session, below its facts: how far it is, and what it takes of the machine, as far as that is read. */
export function workLines(backend: Backend, state: State, sample: Sample): Line[] {
  const usage = usageOf(backend, sample);
  const said: Sentence[] = [
    ...atWork(backend, state, sample),
    ...(usage === undefined ? [] : [{ tone: "muted" as const, text: takesWords(usage) }]),
  ];
  return sentenceLines(said, state.size.width - 2, Infinity);
}

/** A worker is told by what it is for, too; a client's own session by its query, which stands below. */
function atWork(backend: Backend, state: State, sample: Sample): readonly Sentence[] {
  const node = nodeOf(backend, sample);
  if (node === undefined || node.kind === "client backend") return howFar(backend, sample);
  const sign = vitalSign(node, sample, shownHistory(state));
  const query = backend.query.trim();
  return [
    { tone: "muted", text: `${capital(processName(node))}: ${processPurpose(node.kind)}.` },
    ...sign.more.filter(({ text }) => text !== query),
  ];
}
