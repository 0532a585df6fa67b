import { statementsOf } from "../advice/rule.ts";
import type { PreparedTransaction } from "../model/action.ts";
import { isHidden, isNamedByKernel, mayBeCut, type Backend } from "../model/backend.ts";
import { clipboardText } from "../text/clipboard.ts";
import { plural } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { findingKey, shownFinding } from "./current-findings.ts";
import type { Effect, Message } from "./message.ts";
import { preparedBefore, rollback } from "./prepared.ts";
import { selectedRow } from "./selection.ts";
import { moment, withNotice, withView, type State } from "./state.ts";

type Next = readonly [State, readonly Effect[]];

/** `y` asks what to copy, and the next key says it. What was pointed at then is copied, wherever the cursor is by now. */
export interface Copying {
  /** As it was when the question was asked. */
  readonly backend: Backend;
  /** Its whole query; null while that is on its way. */
  readonly query: { readonly text: string; readonly whole: boolean } | null;
  /** `y` has been pressed before the query was there: it goes to the clipboard when it comes. */
  readonly waits: boolean;
}

export function openCopy(state: State): Next {
  const backend = selectedRow(state)?.backend;
  if (backend === undefined) return [withNotice(state, "no session is selected: nothing to copy"), []];
  const known = knownQuery(state, backend);
  const copying: Copying = { backend, query: known, waits: false };
  return [{ ...state, copying }, known === null ? [{ kind: "fetch-query", backend }] : []];
}

/**
 * On the page of a finding: its statements, one at a time and in their order. Pasted together they would all run, those among them that are
 * meant for a case that has to be looked into first.
 */
export function copyStatement(state: State): Next {
  const finding = shownFinding(state);
  const statements = (finding?.next ?? []).flatMap(statementsOf);
  if (finding === null || statements.length === 0) return [withNotice(state, "no statement to copy here"), []];
  const key = findingKey(finding);
  const { copied } = state.view;
  const n = copied?.finding === key ? copied.n % statements.length : 0;
  const next = withView(state, { copied: { finding: key, n: n + 1 } });
  const again = statements.length > 1 ? "; y again: the next one" : "";
  return copy(next, statements[n]!, () => `statement ${n + 1} of ${statements.length} copied${again}`);
}

/** The key that says what to copy; any other closes the question. */
export function answerCopy(state: State, key: string): Next {
  const { backend, query, waits } = state.copying!;
  const closed = { ...state, copying: null };
  if (waits) return [withNotice(closed, `query of ${backend.pid} not copied: it has not come yet`), []];
  if (key === "p") return copy(closed, String(backend.pid), () => `pid ${backend.pid} copied`);
  if (key === "r") {
    const prepared = preparedToCopy(state);
    if (prepared !== null) return copy(closed, rollback(prepared), (text) => `${text} copied`);
    return [withNotice(closed, `${backend.pid} waits for no prepared transaction that is known`), []];
  }
  if (key !== "y") return [closed, []];
  if (query === null) return [{ ...state, copying: { ...state.copying!, waits: true } }, []];
  return copyQuery(closed, backend, query);
}

/** The one that `r` copies what ends it: as long as the session waits for it, and not a moment longer. */
export function preparedToCopy(state: State): PreparedTransaction | null {
  const key = state.copying?.backend.key;
  const backend = moment(state)?.sample.backends.find((other) => other.key === key);
  return (backend === undefined ? undefined : preparedBefore(state, backend)[0]) ?? null;
}

/** The whole query has come; or the session had gone on, and then there is no more of it than its beginning. */
export function queryCame(state: State, { detail }: Extract<Message, { kind: "query" }>): Next {
  const { copying } = state;
  if (copying === null || copying.query !== null || copying.backend.key !== detail.key) return [state, []];
  const { backend, waits } = copying;
  const whole = detail.query !== null && detail.queryStartSeconds === backend.queryStartSeconds;
  const query = { text: whole ? detail.query : backend.query, whole };
  if (!waits) return [{ ...state, copying: { ...copying, query } }, []];
  return copyQuery({ ...state, copying: null }, backend, query);
}

/** Null where the server has to be asked, and can be: not for a query of the past, nor without a connection. */
function knownQuery(state: State, backend: Backend): Copying["query"] {
  const { detail } = state;
  if (detail?.key === backend.key && detail.queryStartSeconds === backend.queryStartSeconds && detail.query !== null)
    return { text: detail.query, whole: true };
  if (!mayBeCut(backend.query)) return { text: backend.query, whole: true };
  const reachable = state.frozen === null && state.connection.kind === "live";
  return reachable ? null : { text: backend.query, whole: false };
}

function copyQuery(state: State, backend: Backend, { text, whole }: NonNullable<Copying["query"]>): Next {
  if (isHidden(backend)) {
    const us = identifier(moment(state)?.sample.server.user ?? state.options.target.user);
    const why = `the query of ${backend.pid} is hidden from our role: GRANT pg_monitor TO ${us}`;
    return [withNotice(state, why, "warn"), []];
  }
  if (isNamedByKernel(backend))
    return [
      withNotice(state, `the query of ${backend.pid} is not told without SQL: its title has a command alone`),
      [],
    ];
  if (text === "") return [withNotice(state, `${backend.pid} has no query to copy`), []];
  const what = `${whole ? "query" : "beginning of the query"} of ${backend.pid}`;
  return copy(state, text, (_, characters) => `${what} copied, ${plural(characters, "character")}`);
}

/** @param words what is copied; whether the terminal obeys, it does not tell */
function copy(state: State, raw: string, words: (text: string, characters: number) => string): Next {
  const { text, characters, cut } = clipboardText(raw);
  const said = words(text, characters);
  const notice = cut ? `${said}: a terminal takes no more` : `${said}, if the terminal permits it`;
  return [withNotice(state, notice, cut ? "warn" : "info"), [{ kind: "copy", text }]];
}
