import type { Holdings } from "../model/action.ts";
import { append } from "../history/history.ts";
import type { BackendKey } from "../model/backend.ts";
import type { Reading, Sample } from "../model/reading.ts";
import { takeAway } from "./ask.ts";
import { answer, refusePaste } from "./confirm.ts";
import { find, keepCursor, selectWorst } from "./cursor.ts";
import { choose } from "./chooser.ts";
import { assess } from "./current-findings.ts";
import { answerCopy, copyStatement, queryCame } from "./copy.ts";
import { wantDeadTuples } from "./dead-tuples.ts";
import { DIALOG_SIZE, reviewed } from "./dialog.ts";
import { edit, insert, remember } from "./editor.ts";
import { NO_FILTER, parseFilter } from "./filter.ts";
import { acrossLanes, comparable } from "./lane-change.ts";
import { ALWAYS, binding } from "./keymap.ts";
import { hasPages } from "./layout.ts";
import type { Effect, Message } from "./message.ts";
import { answered, observed, unanswered } from "./outcome.ts";
import { pointAt } from "./pointer.ts";
import { explainNext } from "./next-finding.ts";
import { wantHoldings } from "./prepared.ts";
import { whatIfTyped } from "./server-keys.ts";
import { withNotice, withView, type State } from "./state.ts";
import { keepTabCursor } from "./tab-cursor.ts";
import { chooseTab, followAiling } from "./tab-keys.ts";
import { wantWatch } from "./watch.ts";
import { wantQuery } from "./whole-query.ts";
import { needs } from "./widths.ts";

export type Next = readonly [State, readonly Effect[]];

/** The one door through which the state changes. Pure: the same state and message give the same next state and effects. */
export function update(state: State, message: Message): Next {
  const next = apply({ ...state, now: Math.max(state.now, message.at) }, message);
  const [asked, query] = wantQuery(next[0]);
  const [held, holdings] = wantHoldings(asked);
  const [counted, deadTuples] = wantDeadTuples(held);
  const [after, watch] = wantWatch(counted);
  return [after, [...next[1], ...query, ...holdings, ...deadTuples, ...watch]];
}

function apply(state: State, message: Message): Next {
  switch (message.kind) {
    case "reading":
      return read(state, message.reading);
    case "key":
      // Whoever goes on has read what was said, and wants to see what the status line says of the next step.
      return press({ ...state, notice: null }, message.key);
    case "paste":
      if (state.dialog !== null) return [refusePaste(state), []];
      return [state.view.editor === null ? state : paste(state, message.text), []];
    case "mouse":
      return [state.view.mouse && state.dialog === null ? pointed(state, message) : state, []];
    case "entry":
      return [{ ...state, entry: message.entry }, []];
    case "resize":
      return [resized(state, message.width, message.height), []];
    case "interval":
      return [{ ...state, interval: { ...state.interval, actual: message.actual } }, []];
    case "query":
      return queryCame(
        state.detail?.key === message.detail.key ? { ...state, detail: { ...state.detail, ...message.detail } } : state,
        message,
      );
    case "answered":
      return answered(state, message.id, message.answers);
    case "unanswered":
      return unanswered(state, message.id, message.reason, message.unknown);
    case "holdings":
      return [held(state, message.key, message.holdings), []];
    case "dead-tuples":
      return [
        { ...state, deadTuples: { askedAt: state.deadTuples?.askedAt ?? state.now, tables: message.tables } },
        [],
      ];
    case "painted":
      if (state.unpictured) return [{ ...state, unpictured: state.live === null }, []];
      if (state.dialog === null || state.dialog.paintedAt !== null) return [state, []];
      return [{ ...state, dialog: { ...state.dialog, paintedAt: state.now } }, []];
    case "told":
      return [withNotice(state, message.text), []];
    case "tick":
      return [state.notice !== null && state.notice.until <= state.now ? { ...state, notice: null } : state, []];
  }
}

function resized(state: State, width: number, height: number): State {
  const next = keepTabCursor(keepCursor({ ...state, size: { width, height } }));
  const tooSmall = width < DIALOG_SIZE.width || height < DIALOG_SIZE.height;
  // A question that cannot be read must not be answered.
  return tooSmall ? takeAway(next, "the screen became too small") : next;
}

function held(before: State, key: BackendKey, holdings: Holdings | null): State {
  const state = before.holdingsAsked?.key === key ? { ...before, holdings } : before;
  const { dialog } = state;
  if (dialog === null || dialog.targets.length > 1 || dialog.targets[0]?.key !== key) return state;
  return { ...state, dialog: { ...dialog, holdings, holdingsFailed: holdings === null } };
}

function read(state: State, reading: Reading): Next {
  const history = append(state.history, reading);
  if (reading.kind === "gap") {
    const since = state.connection.kind === "lost" ? state.connection.since : reading.takenAt;
    return [{ ...state, history, connection: { kind: "lost", since, reason: reading.reason } }, []];
  }
  const last = state.live?.sample ?? null;
  const before = comparable(last, reading);
  const live = { sample: reading, before, needs: needs(reading, before === null ? null : state.live) };
  const entry = { ...state.entry, retry: null };
  const next = acrossLanes({ ...state, history, live, entry, connection: { kind: "live" } }, last, reading);
  const tagged = stillThere(next.view.tagged, reading);
  const [seen, effects] = observed(reviewed(withView(next, { tagged })), reading);
  const watched = assess(seen);
  if (state.frozen !== null) return [watched, effects];
  return [followAiling(state.view.chosen ? keepCursor(watched) : selectWorst(watched)), effects];
}

/** A tag ends with its session. */
function stillThere(tagged: State["view"]["tagged"], { backends }: Sample): State["view"]["tagged"] {
  if (tagged.size === 0) return tagged;
  return new Set(backends.flatMap(({ key }) => (tagged.has(key) ? [key] : [])));
}

function press(state: State, key: string): Next {
  if (state.dialog !== null && !ALWAYS.has(key)) return answer(state, key);
  if (state.now < state.deafUntil && !ALWAYS.has(key)) return [state, []];
  // The Enter that ended a phrase, held down for a moment too long.
  if (key === "enter" && state.now - (state.outcomes.at(-1)?.order.at ?? -Infinity) < ENTER_REPEATS_MS)
    return [state, []];
  if (state.view.editor !== null && !ALWAYS.has(key)) return [typed(state, key), []];
  // Outside of a text entry nothing is bound to Alt: it is Esc and a key, which a slow line has joined.
  if (key.startsWith("M-")) return afterEscape(state, key.slice("M-".length));
  if (state.copying !== null && !ALWAYS.has(key)) return answerCopy(state, key);
  if (key === "escape") return [escape(state), []];
  if (state.view.page !== "sessions" && hasPages(state.size)) return turnPage(state, key);
  const found = binding(key, "sessions", state.options.readOnly, state.view.tab);
  if (found === undefined) return [state, []];
  // From the first key on, the cursor is the user's.
  const result = found.run(withView(state, { chosen: true }));
  const [next, effects] = isNext(result) ? result : [result, []];
  // A page that nobody would see must not take the keys either.
  return [hasPages(next.size) ? next : withView(next, { page: "sessions" }), effects];
}

function afterEscape(state: State, key: string): Next {
  const [escaped, before] = press(state, "escape");
  const [next, effects] = press(escaped, key);
  return [next, [...before, ...effects]];
}

/** On a page the wheel scrolls; elsewhere the mouse is on the list. */
function pointed(before: State, message: Extract<Message, { kind: "mouse" }>): State {
  const state = { ...before, copying: null };
  const { page, pageTop } = state.view;
  if (page === "sessions" || !hasPages(state.size)) return pointAt(state, message);
  if (message.action === "click") return state;
  const key = message.action === "wheel-up" ? "up" : "down";
  if (page === "columns") return choose(state, key) ?? state;
  return withView(state, { pageTop: Math.max(0, pageTop + 3 * SCROLL[key]!) });
}

function isNext(result: State | Next): result is Next {
  return Array.isArray(result);
}

/** Esc takes one thing back at a time: the page, then what is followed, then the filter. */
function escape(state: State): State {
  const { page, back, tab, follow, filter } = state.view;
  if (page !== "sessions") {
    const closed = {
      page: page === "detail" || page === "columns" ? "sessions" : back,
      back: "sessions",
      pageTop: 0,
      chooser: null,
    } as const;
    return keepTabCursor(keepCursor(withView(state, closed)));
  }
  if (tab !== "sessions") return chooseTab(state, "sessions");
  if (follow !== null) return withView(state, { follow: null });
  return filter === NO_FILTER ? state : keepCursor(withView(state, { filter: NO_FILTER }));
}

/** On a page of its own, cursor keys scroll, the page's own key and Enter close it; other keys mean what they always mean. */
function turnPage(state: State, key: string): Next {
  const { page, pageTop } = state.view;
  const chosen = page === "columns" ? choose(state, key) : null;
  if (chosen !== null) return [chosen, []];
  // All but one line of what a page shows: title, frame and keys take four.
  const leap = Math.max(1, state.size.height - 5);
  const scroll = SCROLL[key];
  if (scroll !== undefined) {
    return [withView(state, { pageTop: Math.max(0, pageTop + scroll * (key.startsWith("page") ? leap : 1)) }), []];
  }
  if (page === "findings" && key === "y") return copyStatement(state);
  if (page === "findings" && FINDINGS_STEPS[key] !== undefined) return [explainNext(state, FINDINGS_STEPS[key]), []];
  if (key === "g" || key === "home") return [withView(state, { pageTop: 0 }), []];
  // How far down that is, only the panel knows: settled() takes the rest back.
  if (key === "G" || key === "end") return [withView(state, { pageTop: Number.MAX_SAFE_INTEGER }), []];
  const found = binding(key, page, state.options.readOnly);
  const own = { help: "?", columns: "o", log: "l", entry: "e", findings: "v", detail: null, sessions: null }[page];
  if (key === "enter" || (own !== null && binding(key)?.shown === own)) return [escape(state), []];
  const result = found?.run(state) ?? state;
  if (isNext(result)) return result;
  // What is typed now belongs under the list.
  return [result.view.editor === null ? result : withView(result, { page: "sessions", chooser: null }), []];
}

const ENTER_REPEATS_MS = 300;

const FINDINGS_STEPS: Readonly<Record<string, number>> = { right: 1, left: -1 };

const SCROLL: Readonly<Record<string, number>> = { up: -1, k: -1, down: 1, j: 1, pageup: -1, pagedown: 1 };

function typed(state: State, key: string): State {
  const editor = state.view.editor!;
  if (key === "escape") {
    const back = withView(state, { editor: null });
    return editor.purpose === "filter" ? keepCursor(withView(back, { filter: parseFilter(editor.before) })) : back;
  }
  if (key === "enter") {
    const done = withView(state, { editor: null, entries: remember(state.view.entries, editor) });
    if (editor.purpose === "what-if") return whatIfTyped(done, editor);
    return editor.purpose === "find" ? find(withView(done, { find: editor.text }), editor.text, "next") : done;
  }
  const next = edit(editor, key);
  if (next === null) return state;
  return textChanged(withView(state, { editor: next }), next.text);
}

/** Pasted text is text and nothing else: no key in it acts. */
function paste(state: State, text: string): State {
  const editor = insert(state.view.editor!, text);
  return textChanged(withView(state, { editor }), editor.text);
}

/** The list answers while one types. */
function textChanged(state: State, text: string): State {
  if (state.view.editor!.purpose === "what-if") return state;
  if (state.view.editor!.purpose === "find") return find(state, text, "here");
  return keepCursor(withView(state, { filter: text.trim() === "" ? NO_FILTER : parseFilter(text) }));
}
