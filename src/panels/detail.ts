import { blockersOf, blocking, waitAge } from "../analysis/blocking.ts";
import { clientName } from "../analysis/client-name.ts";
import { lastResult } from "../analysis/last-result.ts";
import { applyLeader } from "../analysis/process-kind.ts";
import { slots } from "../analysis/slots.ts";
import { waitsForLock } from "../analysis/states.ts";
import { mayHaveWritten } from "../analysis/waiting-ddl.ts";
import { isHidden, isNamedByKernel, nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import { layout } from "../state/layout.ts";
import { NO_SESSION } from "../state/prepared.ts";
import { selectedRow } from "../state/selection.ts";
import { moment, type State } from "../state/state.ts";
import { hasLeft } from "../state/tab-cursor.ts";
import { clean, cleanLines } from "../text/clean.ts";
import { fit, wrap } from "../text/fit.ts";
import { count, duration, plural } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { textWidth } from "../text/width.ts";
import { EMPTY_LINE, line, toned, type Line, type Span } from "./line.ts";
import { page, SCROLL_KEYS } from "./page.ts";
import { preparedLines } from "./prepared.ts";
import { ownProcess, ownProcessLines, ownProcessName, workLines } from "./process-page.ts";
import { boxedBeside, spread } from "./spread.ts";
import { capital } from "./vital.ts";

/** The pane under the list: one line, some lines, or two boxes side by side. */
export function detailPane(state: State): Line[] {
  const { detail: height, style } = layout(state.size);
  const { width } = state.size;
  if (height === 0) return [];
  const row = selectedRow(state);
  const sample = moment(state)?.sample;
  if (row === null || sample === undefined) return Array.from({ length: height }, () => EMPTY_LINE);
  const { backend } = row;
  if (height === 1) return [summary(backend, sample, width, row.mark === "gone")];
  if (style === "wide") {
    const left = Math.trunc(width * 0.58);
    const about = [...facts(backend, sample, left - 4), EMPTY_LINE].map(indent);
    const body = about.concat(queryLines(state, backend, left - 4));
    const around = neighbours(state, backend, sample, width - left - 4, height - 2).map(indent);
    return boxedBeside(
      [
        { title: `Backend ${backend.pid}${row.mark === "gone" ? ", ended" : ""}`, lines: body, width: left },
        { title: "Who waits for whom", lines: around, width: width - left },
      ],
      height,
    );
  }
  const around = neighbourLines(state, backend, sample)
    .slice(0, Math.trunc(height / 2))
    .map(indent);
  const body = facts(backend, sample, width - 2)
    .map(indent)
    .concat(queryLines(state, backend, width - 2));
  const room = height - around.length;
  const kept = body.slice(0, room);
  while (kept.length < room) kept.push(EMPTY_LINE);
  return [...kept, ...around];
}

/** Everything about one backend on a page of its own, its query whole and wrapped. */
export function detailPage(state: State): Line[] {
  const row = selectedRow(state);
  const sample = moment(state)?.sample;
  const own = sample === undefined ? null : ownProcess(state, sample);
  if (own !== null) return page(state, capital(ownProcessName(own)), detailLines(state));
  const name = row === null ? "Session" : `Backend ${row.backend.pid}${row.mark === "gone" ? ", ended" : ""}`;
  return page(state, name, detailLines(state), { keys: state.options.readOnly ? SCROLL_KEYS : ACTING_KEYS });
}

const ACTING_KEYS = [...SCROLL_KEYS, ["c", "cancel"], ["x", "terminate"]] as const;

export function detailLines(state: State): Line[] {
  const backend = selectedRow(state)?.backend;
  const sample = moment(state)?.sample;
  const own = sample === undefined ? null : ownProcess(state, sample);
  if (own !== null) return ownProcessLines(own, state, sample!);
  if (backend === undefined || sample === undefined)
    return [line(hasLeft(state) ? " it has ended" : " no session selected")];
  const about = [
    ...facts(backend, sample, state.size.width - 4).map(indent),
    ...workLines(backend, state, sample),
    EMPTY_LINE,
    ...neighbours(state, backend, sample, state.size.width - 4, 12).map(indent),
    EMPTY_LINE,
  ];
  return about.concat(queryLines(state, backend, state.size.width - 4));
}

function summary(backend: Backend, sample: Sample, width: number, gone: boolean): Line {
  const behind = blocking(sample).blocks.get(backend.pid);
  const state = `${backend.database ?? ""} ${stateWords(backend, sample)}${gone ? ", ended" : ""}`;
  const blocks = behind === undefined ? "" : `, blocks ${behind}`;
  const left = ` ${backend.pid} ${state}${blocks} │ `;
  return spread(
    [toned("normal", left), toned("normal", isHidden(backend) ? "(hidden)" : backend.query.trimStart())],
    [],
    width,
  );
}

function facts(backend: Backend, sample: Sample, width: number): Line[] {
  const who = `${backend.user ?? "?"}@${backend.database ?? "?"}`;
  const port = backend.clientPort !== null && backend.clientPort > 0 ? `:${backend.clientPort}` : "";
  const first: Span[] = [
    toned("title", `${backend.pid}  ${who}`),
    toned(
      "normal",
      `  ${backend.application === null ? "(application not told)" : backend.application === "" ? "(no application name)" : backend.application}`,
    ),
    toned("normal", `  ${clientName(backend) ?? "client not told"}${port}`),
  ];
  if (isHidden(backend)) {
    return [
      line(...first),
      line(toned("warn", `hidden from our role: GRANT pg_monitor TO ${identifier(sample.server.user)}`)),
    ];
  }
  const type = backend.backendType === "client backend" ? "" : `   ${backend.backendType ?? ""}`;
  const leader = leaderWords(backend);
  const second = [
    part("connected", secondsSince(backend.backendStartSeconds, sample)),
    part("transaction", secondsSince(backend.xactStartSeconds, sample)),
    stateWords(backend, sample),
  ].filter((text) => text !== "");
  const snapshot = xidAge(backend.backendXmin, sample);
  const third = [
    backend.waitEventType === null ? "" : `wait ${backend.waitEventType}:${backend.waitEvent ?? ""}`,
    backend.backendXid === null ? "" : xidWords(backend),
    snapshot === null ? "" : `holds a snapshot, ${count(snapshot)} xids behind`,
    backend.queryId === null ? "" : `query id ${backend.queryId}`,
  ].filter((text) => text !== "");
  return [line(...first, toned("muted", type + leader)), ...filled(second, width), ...filled(third, width)];
}

function leaderWords(backend: Backend): string {
  if (backend.leaderPid === null) return "";
  const leader = applyLeader(backend);
  return leader === null ? `   parallel group of ${backend.leaderPid}` : `   works for the apply worker ${leader}`;
}

/** DDL has an xid for the lock that it waits for. */
function xidWords(backend: Backend): string {
  return `holds xid ${backend.backendXid}${mayHaveWritten(backend) ? " (it may have written)" : ""}`;
}

/** Parts on as few lines as they need, none of them cut in two. */
function filled(parts: readonly string[], width: number): Line[] {
  const lines: string[] = [];
  for (const part of parts) {
    const together = lines.length === 0 ? part : `${lines.at(-1)}   ${part}`;
    if (lines.length > 0 && textWidth(clean(together)) <= width) lines[lines.length - 1] = together;
    else lines.push(part);
  }
  return lines.map((text) => line(text));
}

function part(name: string, seconds: number | null): string {
  return seconds === null ? "" : `${name} ${duration(seconds)}`;
}

function stateWords(backend: Backend, sample: Sample): string {
  const age = duration(secondsSince(backend.stateChangeSeconds, sample));
  if (backend.state === "disabled") return "state hidden by track_activities = off";
  return `${backend.state ?? "no state"}${age === "" ? "" : ` ${age}`}`;
}

/** The query over as many lines as it takes: the whole text once it has been fetched, its beginning until then. */
function queryLines(state: State, backend: Backend, width: number): readonly Line[] {
  if (isHidden(backend)) return [];
  const { detail } = state;
  const mine = detail?.key === backend.key && detail.queryStartSeconds === backend.queryStartSeconds;
  const whole = mine ? detail.query : null;
  const text = whole ?? backend.query;
  if (text === "") return [indent(line(toned("muted", noQueryWords(backend))))];
  return wrapped(text, Math.max(10, width));
}

function noQueryWords(backend: Backend): string {
  if (isNamedByKernel(backend)) return "its title tells no command, and no text of any query";
  return backend.state === "disabled" ? "" : "no query yet";
}

/** Kept until the text is another: while one pages through 100 kB, its thousands of lines stand still. */
const wrapped = lastResult((text: string, width: number): readonly Line[] =>
  wrap(cleanLines(text.trim()), width).map((one) => indent(line(one))),
);

/** Whom it waits for, and who waits for it directly. */
function neighbours(state: State, backend: Backend, sample: Sample, width: number, height: number): Line[] {
  const lines: Line[] = [];
  for (const pid of blockersOf(sample, backend.pid).slice(0, 3)) {
    if (pid === NO_SESSION) {
      lines.push(...preparedLines(state, backend, sample, width));
      continue;
    }
    const other = sample.backends.find((candidate) => candidate.pid === pid);
    lines.push(line(toned("waiting", "waits for "), other === undefined ? String(pid) : oneBackend(other, sample)));
  }
  const behind = blocking(sample).blocks.get(backend.pid) ?? 0;
  if (behind === 0 && lines.length > 0) return lines;
  if (behind === 0) return [line(toned("muted", aloneWords(backend, sample)))];
  const direct = directBehind(sample, backend);
  lines.push(line(toned("blocker", `blocks ${plural(behind, "session")}`), `, ${direct.length} of them directly:`));
  const room = Math.max(1, height - lines.length - 1);
  const age = new Map(direct.map((other) => [other, waitAge(sample, other.pid)?.seconds ?? 0]));
  const longest = [...direct].sort((a, b) => age.get(b)! - age.get(a)!);
  for (const other of longest.slice(0, room)) lines.push(line(`  ${oneBackend(other, sample)}`));
  if (direct.length > room) lines.push(line(toned("muted", `  and ${direct.length - room} more`)));
  return lines;
}

function directBehind(sample: Sample, { pid }: Backend): readonly Backend[] {
  const direct = new Set(blocking(sample).direct.get(pid));
  return sample.backends.filter((other) => direct.has(other.pid));
}

/** What is not seen is not said: others may wait for it behind what is hidden from our role. */
function aloneWords(backend: Backend, sample: Sample): string {
  if (isHidden(backend)) return "whom it waits for is hidden from our role";
  if (waitsForLock(backend)) return "waits for a lock; behind whom is not told";
  return slots(sample).hidden === 0
    ? "waits for nobody, blocks nobody"
    : "waits for nobody; whom it blocks is hidden from our role";
}

function neighbourLines(state: State, backend: Backend, sample: Sample): Line[] {
  const { blocks, blocker } = blocking(sample);
  const by = blocker.get(backend.pid);
  const behind = blocks.get(backend.pid);
  const prepared = by === NO_SESSION ? preparedLines(state, backend, sample, state.size.width - 2) : [];
  const spans: Span[] = [];
  if (by !== undefined && by !== NO_SESSION) spans.push(toned("waiting", `waits for ${by}  `));
  if (behind !== undefined) {
    const direct = directBehind(sample, backend).map((other) => other.pid);
    const more = direct.length > 6 ? " …" : "";
    spans.push(
      toned("blocker", `blocks ${behind}`),
      toned("normal", `  directly ${direct.slice(0, 6).join(" ")}${more}`),
    );
  }
  return spans.length === 0 ? prepared : [...prepared, line(...spans)];
}

function oneBackend(other: Backend, sample: Sample): string {
  const age = duration(secondsSince(other.queryStartSeconds, sample));
  const event = other.waitEvent ?? other.state ?? "";
  return `${other.pid} ${fit(nameOrType(other), 10)} ${fit(event, 14)} ${fit(age, 6, "right")}  ${other.query.trimStart()}`;
}

function indent(one: Line): Line {
  return { spans: [{ text: " ", tone: "normal" }, ...one.spans] };
}
