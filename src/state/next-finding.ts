import type { Finding } from "../advice/rule.ts";
import { blocking } from "../analysis/blocking.ts";
import { problems } from "../analysis/problems.ts";
import type { Backend } from "../model/backend.ts";
import { plural } from "../text/format.ts";
import { currentFindings, findingKey, nothingWords } from "./current-findings.ts";
import { selectBackend } from "./cursor.ts";
import { selectedRow } from "./selection.ts";
import { processIndex } from "./server-keys.ts";
import { moment, visibleRows, withNotice, withView, type State } from "./state.ts";
import { selectInTab } from "./tab-cursor.ts";
import { tabRows } from "./tabs.ts";

/**
 * One place to look at: a finding, and one of the sessions it is about if it is about any that are listed; or a session that is worth a look and
 * is in no finding.
 */
type Stop =
  | { readonly finding: Finding; readonly backend: Backend | null }
  | { readonly finding: null; readonly backend: Backend };

/**
 * To the next finding, and within one to the next of its sessions, then to what else is worth a look: the worst first, round and round.
 * On their own page, to the next one explained.
 */
export function nextFinding(state: State): State {
  if (state.view.page === "findings") return explainNext(state, 1);
  const all = currentFindings(state);
  const stops = stopsOf(state, all);
  if (stops.length === 0) return withNotice(state, nothingWords(state));
  const current = stops.findIndex((stop) => isCurrent(state, stop));
  const stop = stops[(current + 1) % stops.length]!;
  const there = stop.backend === null ? pointAtProcess(state, stop.finding) : pointAt(state, stop.backend);
  if (stop.finding === null) return withNotice(withView(there, { finding: null }), lookWords(state, stop.backend));
  const said = withView(there, { finding: findingKey(stop.finding) });
  return withNotice(said, `${all.indexOf(stop.finding) + 1} of ${all.length}: ${stop.finding.title}`);
}

export function explainNext(state: State, by: number): State {
  const all = currentFindings(state);
  if (all.length === 0) return state;
  const shown = Math.max(
    0,
    all.findIndex((one) => findingKey(one) === state.view.finding),
  );
  const next = all[(shown + by + all.length) % all.length]!;
  return withView(state, { finding: findingKey(next), pageTop: 0 });
}

/** Notes come last: somebody who blocks another one is worth more than a setting that would be better. */
function stopsOf(state: State, all: readonly Finding[]): readonly Stop[] {
  const keys = listedKeys(state);
  const ofFindings = (findings: readonly Finding[]): Stop[] =>
    findings.flatMap((finding): Stop[] => {
      const listed = finding.sessions.filter(({ key }) => keys.has(key));
      return listed.length === 0 ? [{ finding, backend: null }] : listed.map((backend) => ({ finding, backend }));
    });
  const told = new Set(all.flatMap(({ sessions }) => sessions.map(({ key }) => key)));
  const sample = moment(state)?.sample;
  const others = sample === undefined ? [] : problems(sample).filter(({ key }) => keys.has(key) && !told.has(key));
  return [
    ...ofFindings(all.filter(({ severity }) => severity !== "info")),
    ...others.map((backend): Stop => ({ finding: null, backend })),
    ...ofFindings(all.filter(({ severity }) => severity === "info")),
  ];
}

function listedKeys(state: State): ReadonlySet<string> {
  if (state.view.tab === "sessions") return new Set(visibleRows(state).all.map(({ backend }) => backend.key));
  return new Set(tabRows(state).flatMap(({ backend }) => (backend === null ? [] : [backend.key])));
}

function isCurrent(state: State, { finding, backend }: Stop): boolean {
  if ((finding === null ? null : findingKey(finding)) !== state.view.finding) return false;
  return backend === null || selectedRow(state)?.backend.key === backend.key;
}

/** A finding that is about no session may be about one of the server's own processes. */
function pointAtProcess(state: State, finding: Finding | null): State {
  const index = processIndex(state, finding?.process);
  return index < 0 ? state : selectInTab(state, index);
}

function pointAt(state: State, backend: Backend): State {
  if (state.view.tab === "sessions") return selectBackend(state, backend);
  return selectInTab(
    state,
    tabRows(state).findIndex((row) => row.backend?.key === backend.key),
  );
}

function lookWords(state: State, { pid, state: doing }: Backend): string {
  const behind = blocking(moment(state)!.sample).blocks.get(pid) ?? 0;
  return `worth a look: ${pid} ${behind > 0 ? `blocks ${plural(behind, "session")}` : `is ${doing}`}`;
}
