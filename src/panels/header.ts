import { lightFormat } from "date-fns/lightFormat";
import { slots, type Slots } from "../analysis/slots.ts";
import { states } from "../analysis/states.ts";
import { forecast } from "../history/forecast.ts";
import { lastSamples } from "../history/history.ts";
import { mostUsed } from "../history/peaks.ts";
import { speaksSql } from "../model/lane.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import { layout } from "../state/layout.ts";
import { moment, shownHistory, staleMs, trouble, type State } from "../state/state.ts";
import { retryWords } from "../state/retry-words.ts";
import { duration } from "../text/format.ts";
import { onlyLine } from "./bottom.ts";
import { milliseconds } from "./cost-words.ts";
import { forecastTone, forecastWords } from "./forecast-words.ts";
import { gaugeMarks, slotsGauge } from "./gauge.ts";
import { halfOpenWords, laneBadge, laneWords } from "./lane-words.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import {
  formerLevelSpan,
  hiddenWords,
  leftForApps,
  levelSpan,
  limitWords,
  reserveWords,
  seenCount,
  usedOfMax,
} from "./slots-words.ts";
import { fitSpans, spansWidth, spread } from "./spread.ts";
import { verdictLine } from "./verdict.ts";

/** Who is watched, how full it is, how much is left and for whom. The first thing the eye meets. */
export function header(state: State): Line[] {
  const { width } = state.size;
  const { style, header: height } = layout(state.size);
  const pair = moment(state);
  if (pair === null) return connecting(state, height);
  const { sample } = pair;
  const now = slots(sample, state.options.thresholds);
  if (style === "line") return [(state.view.editor === null ? null : onlyLine(state)) ?? oneLine(state, now, sample)];
  if (style === "tiny") {
    const why = trouble(state);
    const third = why === null ? tinyThird(sample, now) : line(" ", toned("critical", ` ${why} `));
    return [title(state, sample, width), tinyGauge(now, width), third];
  }
  const gauge = gaugeLine(now, staleMs(state) === null ? levelSpan(now) : formerLevelSpan(now), width);
  const words = verdict(state, now, sample);
  const found = verdictLine(state);
  if (style === "small")
    return [title(state, sample, width), gauge.line, cutTo([toned("normal", " "), ...words], width), found];
  const marks = gaugeMarks(now, gauge.cells, gauge.indent, state.options.thresholds.warn);
  return [title(state, sample, width), gauge.line, marks, spread([toned("normal", " "), ...words], [], width), found];
}

/** The one-line screen: everything that matters in forty cells. */
function oneLine(state: State, now: Slots, sample: Sample): Line {
  const { byState, waitingForLock } = states(sample);
  const seen = (count: number): string => seenCount(count, now.hidden);
  const mark = LEVEL_MARKS[now.level].trimEnd();
  const left = now.free.app === null ? "? left" : `${now.free.app} left`;
  const tone = now.level === "critical" ? "critical" : now.level === "warn" ? "warn" : "normal";
  const stale = staleMs(state);
  const badge = laneBadge(sample);
  return line(
    ...(badge === null ? [] : [badge, " "]),
    ...(stale === null ? [] : [toned("critical", `STALE ${duration(stale / 1000)}`), " "]),
    ...(state.frozen === null ? [] : [toned("warn", "PAUSED"), " "]),
    toned(tone, `${mark === "" ? "" : `${mark} `}${usedOfMax(now)} ${left}`),
    ` | act ${seen(byState.active.count)} wait ${seen(waitingForLock.count)} itx ${seen(byState["idle in transaction"].count)}`,
  );
}

/** Which server, and how fresh the picture is; the first line of every page. */
export function titleOf(state: State): Line {
  const pair = moment(state);
  return pair === null ? connecting(state, 1)[0]! : title(state, pair.sample, state.size.width);
}

function connecting(state: State, height: number): Line[] {
  const { place, database, user } = state.options.target;
  const { connection } = state;
  // Where there is no room for more, its reason must stand here.
  const brief = connection.kind === "lost" && state.size.height < 4;
  const said = brief ? `: ${connection.reason}` : connection.kind === "lost" ? "" : " …";
  const doing = connection.kind === "lost" ? "not connected" : "connecting";
  const text = ` pgtriage  ${doing} to ${place}/${database} as ${user}${said}`;
  return [line(toned("title", text)), ...Array.from({ length: height - 1 }, () => line(""))];
}

function title(state: State, sample: Sample, width: number): Line {
  const { server } = sample;
  const wide = width >= 100;
  // A badge says more than our own name and the version do.
  const crowded = width < 140 && laneBadge(sample) !== null;
  const named = width >= 60 && !crowded;
  const left: Span[] = [toned("title", named ? ` pgtriage ${serverName(server)}` : ` ${serverName(server)}`)];
  const version = server.version?.split(" ")[0] ?? "?";
  if (wide && !(crowded && width < 120)) left.push(toned("normal", ` as ${server.user}`));
  if (named) left.push(toned("normal", `  ${width >= 160 ? "PostgreSQL" : "PG"} ${version} `), role(server.role));
  else if (crowded) left.push(toned("normal", "  "), role(server.role));
  if (state.options.readOnly && wide) left.push(toned("normal", "  read only "));
  if (wide && !crowded) left.push(toned("muted", ` up ${duration(sample.serverSeconds - server.startedSeconds)}`));
  if (!state.options.readOnly && width >= 150) left.push(toned("muted", `  may: ${rightsWords(sample)}`));
  return spread(left, [...freshness(state, sample), toned("normal", " ")], width);
}

/** `prod-db-1:5432/shop`; `local:5432/shop` by a Unix socket. */
export function serverName(server: Server): string {
  return `${placeName(server)}${server.database === null ? "" : `/${server.database}`}`;
}

export function placeName({ host, port }: Server): string {
  const place = host.startsWith("/") ? "local" : host.includes(":") ? `[${host}]` : host;
  return `${place}:${port}`;
}

function role(name: string): Span {
  return toned(name === "primary" ? "normal" : "warn", name);
}

function rightsWords({ server: { rights } }: Sample): string {
  const words = [rights.seeAll ? "see all" : "see own", ...(rights.signal ? ["cancel", "terminate"] : [])];
  return words.join(", ");
}

/** How often, how dear and how old: a stale picture says so in the place where its age always stands. */
function freshness(state: State, sample: Sample): Span[] {
  const stale = staleMs(state);
  const badge = laneBadge(sample);
  const lane = badge === null || state.size.width < 60 ? [] : [badge, toned("normal", "  ")];
  const head = [...lane, ...paused(state)];
  // Behind a picture that stands still on purpose, too: "sampling goes on" must not be believed of a server that has gone.
  if (stale !== null)
    return [...head, ...retrying(state), toned("critical", ` STALE ${duration(Math.round(stale / 1000))} `)];
  const { wanted, actual } = state.interval;
  const widened = ` (costs too much for ${seconds(wanted)})`;
  const every = `${state.size.width >= 100 ? "every " : ""}${seconds(actual)}${actual > wanted ? widened : ""}`;
  const clock = lightFormat(sample.takenAt, "HH:mm:ss");
  const cost = state.size.width < 60 ? "" : `${costOf(state, sample)}  `;
  return [...head, toned("muted", `${cost}${every}  `), toned("normal", clock)];
}

function paused(state: State): Span[] {
  return state.frozen === null ? [] : [toned("warn", "PAUSED  ")];
}

/**
 * What we weigh: to the server and to this machine where there is room for both, else all in all, the network among it. The middle
 * of some samples, rounded: digits that run in every sample draw the eye, and cost bytes.
 */
function costOf(state: State, { costMs, server }: Sample): string {
  if (state.size.width < 120 || !speaksSql(server.lane)) return milliseconds(costMs);
  const last = lastSamples(shownHistory(state), COSTS_SHOWN);
  const busy = middle(last.map(({ serverMs }) => serverMs));
  return `server ${roughly(busy)} ms, us ${roughly(middle(last.map(({ ownMs }) => ownMs)))}`;
}

const COSTS_SHOWN = 5;

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? 0;
}

function roughly(ms: number): string {
  return (ms < 0.95 ? ms.toFixed(1) : String(Math.round(ms))).padStart(3);
}

/** Beside the age of a picture that has none to follow it. */
function retrying(state: State): Span[] {
  const words = state.size.width < 80 ? "" : retryWords(state);
  return words === "" ? [] : [toned("warn", words), toned("normal", "  ")];
}

function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}s`;
}

function gaugeLine(now: Slots, level: Span, width: number): { line: Line; cells: number; indent: number } {
  const right = [toned("title", ` ${usedOfMax(now)} `), toned("normal", "  "), level, toned("normal", " ")];
  const head = " Slots [";
  // The level's place is kept for its longest word, so that the gauge does not jump when the level changes.
  const cells = Math.max(5, width - head.length - 1 - spansWidth([right[0]!, right[1]!]) - LEVEL_CELLS);
  const spans = [toned("normal", head), ...slotsGauge(now, cells), toned("normal", "]")];
  return { line: spread([...spans, ...right], [], width), cells, indent: head.length };
}

const LEVEL_CELLS = " ▲ CRITICAL ".length + 1;

/** Where there is no room for the word: two marks are worse than one. */
const LEVEL_MARKS: Readonly<Record<Slots["level"], string>> = { ok: "  ", warn: "▲ ", critical: "▲▲", unknown: "? " };

function tinyGauge(now: Slots, width: number): Line {
  const left = now.free.app === null ? "? left" : `${now.free.app} left`;
  const text = ` ${usedOfMax(now)}, ${left}`;
  const tone = now.level === "critical" ? "critical" : now.level === "warn" ? "warn" : "normal";
  const cells = Math.max(3, width - text.length - "▲ Slots [] ".length);
  return spread(
    [
      toned(tone, `${LEVEL_MARKS[now.level]}Slots `),
      toned("normal", "["),
      ...slotsGauge(now, cells),
      toned("normal", "]"),
      toned(tone, text),
    ],
    [],
    width,
  );
}

/** Where the first line has no room for it, how we are in stands before what the sessions do. */
function tinyThird(sample: Sample, now: Slots): Line {
  const badge = laneBadge(sample);
  const states = tinyStates(sample, now.hidden);
  return badge === null ? states : { ...states, spans: [badge, ...states.spans] };
}

function tinyStates(sample: Sample, hidden: number): Line {
  const { byState, waitingForLock } = states(sample);
  const { active, idle, "idle in transaction": itx, "idle in transaction (aborted)": aborted } = byState;
  const seen = ({ count }: { readonly count: number }): string => seenCount(count, hidden);
  return line(
    ` act ${seen(active)} `,
    toned("waiting", `wait ${seen(waitingForLock)}`),
    ` idle ${seen(idle)} itx ${seen(itx)} abort ${seen(aborted)}`,
  );
}

/** What does not fit is seen to go on: half a word at the edge would be read as another. */
function cutTo(spans: readonly Span[], width: number): Line {
  if (spansWidth(spans) <= width) return spread(spans, [], width);
  return { spans: [...fitSpans(spans, Math.max(0, width - 1)), toned("muted", "…")] };
}

/** What the slots mean, in words, then whatever else refuses or hides. */
function verdict(state: State, now: Slots, sample: Sample): Span[] {
  const tone = now.level === "critical" ? "very-old" : now.level === "warn" ? "warn" : "normal";
  const reserve = reserveWords(now);
  // Why nothing newer is known comes before what was last known.
  const lost = trouble(state);
  const spans: Span[] = [
    ...(lost === null ? [] : [toned("critical", ` ${lost} `), toned("normal", "  ")]),
    toned(tone, leftForApps(now, sample.server)),
  ];
  const halfOpen = halfOpenWords(now, sample);
  if (halfOpen !== null) spans.push(toned("very-old", `  ${halfOpen}`));
  const lane = laneWords(sample, state.options.chosenLane !== null);
  if (lane !== null) spans.push(toned("warn", `  ${lane}`));
  if (state.entry.lastPlace) spans.push(toned("warn", "  W takes the last walsender place"));
  const hidden = hiddenWords(now, sample.server.user);
  if (hidden !== null) spans.push(toned("warn", `  ${hidden}`));
  if (reserve !== "") spans.push(toned("muted", ` (${reserve})`));
  // Counted from the newest sample on: of an old one it would be another moment.
  const climb = staleMs(state) === null ? forecast(shownHistory(state), now) : null;
  if (climb !== null) spans.push(toned(forecastTone(climb), `  ${forecastWords(climb)!}`));
  if (now.starting > 0) spans.push(toned("warn", `  ${now.starting} starting`));
  const limits = limitWords(now);
  if (limits.length > 0) spans.push(toned("warn", `  ${limits.slice(0, 3).join(", ")}`));
  if (state.size.width < 100) return spans;
  const peak = Math.max(now.used.low, mostUsed(shownHistory(state)) ?? 0);
  if (now.hidden === 0) spans.push(toned("muted", `   peak ${peak}${peak === now.used.low ? " (now)" : ""}`));
  if (now.walsenders.used > 0) {
    const pool = now.walsenders.ownPool ? "own pool" : "in the same slots";
    spans.push(toned("muted", `   walsenders ${now.walsenders.used}/${now.walsenders.max} (${pool})`));
  }
  return spans;
}
