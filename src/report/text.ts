import { lightFormat } from "date-fns/lightFormat";
import type { Finding } from "../advice/rule.ts";
import { blocking } from "../analysis/blocking.ts";
import { clientName } from "../analysis/client-name.ts";
import { holders, type Grouping } from "../analysis/holders.ts";
import { problems } from "../analysis/problems.ts";
import { slots, type Thresholds } from "../analysis/slots.ts";
import { states, STATES } from "../analysis/states.ts";
import { append, emptyHistory } from "../history/history.ts";
import type { ClosedLane } from "../model/lane.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { blockingLine } from "../panels/blocking.ts";
import type { Line } from "../panels/line.ts";
import { halfOpenWords, laneBadge, laneWords } from "../panels/lane-words.ts";
import { memorySummary } from "../panels/memory-summary.ts";
import { processesLine, processesTitles } from "../panels/processes.ts";
import { sentenceLines } from "../panels/sentences.ts";
import { refusalWords } from "../panels/unknown-words.ts";
import { hiddenWords, leftForApps, limitWords, reserveWords, seenCount, usedOfMax } from "../panels/slots-words.ts";
import { vacuumHead, vacuumLine } from "../panels/vacuum.ts";
import { blockingRows } from "../state/blocking-rows.ts";
import { pinRows } from "../state/pin-rows.ts";
import { processRows } from "../state/process-rows.ts";
import { clean } from "../text/clean.ts";
import { fit } from "../text/fit.ts";
import { duration, plural } from "../text/format.ts";
import { findingsOf } from "./assessed.ts";
import { findingLines } from "./findings.ts";

/** The reading for a person: the verdict first, then what it rests on. Every line is cleaned; the width is a terminal's. */
export function textReport(sample: Sample, thresholds: Thresholds, closed: readonly ClosedLane[] = []): string {
  const found = findingsOf(sample, thresholds);
  const lines = [
    ...verdict(sample, thresholds),
    ...closed.map(({ lane, why }) => `${lane} lane: ${why}`),
    "",
    ...section("Findings, the most urgent first", findingLines(found)),
    ...stateLines(sample),
    "",
    ...holderLines(sample),
    "",
    ...section("Worth a look, worst first", otherLines(sample, found)),
    ...section("Who waits for whom", treeLines(sample)),
    ...section("What holds VACUUM back", pinLines(sample)),
    ...section("The server's processes", processLines(sample)),
    ...memorySummary(sample, WIDTH, MEMORY_LINES, thresholds).map(textOf),
  ];
  return `${lines
    .map((one) => clean(one).trimEnd())
    .join("\n")
    .trimEnd()}\n`;
}

function verdict(sample: Sample, thresholds: Thresholds): string[] {
  const now = slots(sample, thresholds);
  const { server } = sample;
  const reserve = reserveWords(now);
  const lines = [
    `${now.level.toUpperCase()}: ${usedOfMax(now)} slots used, ${leftForApps(now, server)}${reserve === "" ? "" : ` (${reserve})`}`,
    `PostgreSQL ${server.version ?? "?"} ${server.role} at ${server.host}:${server.port}${server.database === null ? "" : `/${server.database}`} as ${server.user}, ` +
      `up ${duration(sample.serverSeconds - server.startedSeconds)}, ${lightFormat(sample.takenAt, "yyyy-MM-dd HH:mm:ss")}`,
  ];
  const lane = laneBadge(sample)?.text.trim();
  const words = laneWords(sample, true);
  if (lane !== undefined) lines.push(`${lane}${words === null ? "" : `: ${words}`}`);
  const halfOpen = halfOpenWords(now, sample);
  if (halfOpen !== null) lines.push(halfOpen);
  const hidden = hiddenWords(now, server.user);
  if (hidden !== null) lines.push(hidden);
  for (const limit of limitWords(now)) lines.push(`limit: ${limit}`);
  return lines;
}

function stateLines(sample: Sample): string[] {
  const { byState, waitingForLock } = states(sample);
  const row = (name: string, { count, oldestSeconds }: { count: number; oldestSeconds: number | null }): string =>
    `${fit(name, 32)} ${fit(seenCount(count, slots(sample).hidden), 5, "right")}  ${oldestSeconds === null ? "" : `oldest ${duration(oldestSeconds)}`}`;
  const rows = STATES.filter((name) => byState[name].count > 0).map((name) => row(name, byState[name]));
  return [
    "States",
    ...rows.map(indent),
    ...(waitingForLock.count > 0 ? [indent(row("  of active: waiting for a lock", waitingForLock))] : []),
  ];
}

function holderLines(sample: Sample): string[] {
  const titles: readonly (readonly [Grouping, string])[] = [
    ["application", "application"],
    ["role", "role"],
    ["client", "client"],
    ["database", "database"],
  ];
  return titles.flatMap(([by, title]) => [
    `Who holds the slots, by ${title}`,
    ...holders(sample, by)
      .slice(0, 5)
      .map((holder) => {
        const split = Object.entries(holder.states).map(([state, n]) => `${n} ${state}`);
        return indent(
          `${fit(holder.name === "" ? "(no name)" : (holder.name ?? "(not told)"), 24)} ${fit(String(holder.count), 5, "right")}  ${split.join(", ")}`,
        );
      }),
  ]);
}

/** What is worth a look, and in none of the findings. */
function otherLines(sample: Sample, findings: readonly Finding[]): string[] {
  const told = new Set(findings.flatMap(({ sessions }) => sessions));
  const { blocks } = blocking(sample);
  return problems(sample)
    .filter((backend) => !told.has(backend))
    .slice(0, 10)
    .flatMap((backend) => problem(backend, sample, blocks.get(backend.pid) ?? 0));
}

function problem(backend: Backend, sample: Sample, behind: number): string[] {
  const xact = secondsSince(backend.xactStartSeconds, sample);
  const facts = [
    `${backend.pid} ${backend.user ?? ""}@${backend.database ?? ""} ${backend.application ?? ""} ${clientName(backend) ?? ""}`,
    `${backend.state ?? ""} ${duration(secondsSince(backend.stateChangeSeconds, sample))}`,
    xact === null ? "" : `transaction ${duration(xact)}`,
    behind > 0 ? `blocks ${plural(behind, "session")}` : "",
  ].filter((fact) => fact !== "");
  return [indent(facts.join(", ")), indent(indent(fit(backend.query.trim(), 100).trimEnd()))];
}

/** A tree, as it is on the screen. */
function treeLines(sample: Sample): string[] {
  return blockingRows(sample, ALL_AS_THEY_ARE).map((row) => textOf(blockingLine(row, sample, WIDTH)));
}

function pinLines(sample: Sample): string[] {
  const rows = pinRows(sample);
  if (rows.length === 0) return [];
  return [...vacuumHead(sample, WIDTH).map(textOf), ...rows.map((row) => textOf(vacuumLine(row, sample, WIDTH)))];
}

/** The server's own, each with how it does. */
function processLines(sample: Sample): string[] {
  const history = append(emptyHistory(), sample);
  const titles = processesTitles(sample, WIDTH);
  const refused = sample.refused.flatMap((one) =>
    sentenceLines([{ tone: "muted", text: `Unknown, because ${refusalWords(one, sample).because}.` }], WIDTH, Infinity),
  );
  const rows = processRows(sample).map((row) => processesLine(row, sample, history, WIDTH));
  return [titles, ...rows, ...refused].map(textOf);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines, ""];
}

const ALL_AS_THEY_ARE: ReadonlySet<string> = new Set();
const WIDTH = 120;
const MEMORY_LINES = 12;

function textOf({ spans }: Line): string {
  return spans.map(({ text }) => clean(text)).join("");
}

function indent(text: string): string {
  return `  ${text}`;
}
