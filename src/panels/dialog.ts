import { DIALOG_SIZE, phraseOf, type Dialog } from "../state/dialog.ts";
import { layout } from "../state/layout.ts";
import { trouble, visibleRows, type State } from "../state/state.ts";
import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { skip, textWidth } from "../text/width.ts";
import type { Sample } from "../model/reading.ts";
import { groupFacts } from "./dialog-group.ts";
import { targetFacts } from "./dialog-target.ts";
import { layOut, warning, type Fact } from "./facts.ts";
import { placeName, serverName } from "./header.ts";
import { EMPTY_LINE, line, toned, type Line, type Span } from "./line.ts";
import { overlay } from "./overlay.ts";
import { boxed, fitSpans, spansWidth } from "./spread.ts";

/** The question, laid over the screen that goes on behind it: what will be done to whom, and what has to be typed for it. */
export function withDialog(state: State, lines: readonly Line[]): Line[] {
  const { dialog, live, size } = state;
  const tooSmall = size.width < DIALOG_SIZE.width || size.height < DIALOG_SIZE.height;
  if (dialog === null || live === null || tooSmall) return [...lines];
  const area = dialogArea(state);
  const inner = area.width - 4;
  const room = area.height - 2;
  const bottom = bottomLines(dialog, inner, room);
  const facts = [...factsOf(dialog, live.sample, inner), ...obstacle(state, dialog, inner)];
  // The phrase stands by itself, unless that would cost a fact of those that matter.
  const blank = room < ENOUGH_LINES ? [] : [EMPTY_LINE];
  const top = layOut(facts, room - bottom.length - blank.length);
  const body = [...top, ...blank, ...bottom].map((one) => line(" ", ...one.spans));
  const height = body.length + 2;
  const box = boxed(title(dialog, live.sample, area.width - 4), body, area.width, height);
  box[box.length - 1] = lastLine(area.width);
  const place = { left: area.left, width: area.width, top: topOf(state, dialog, area, height) };
  return [...overlay(lines, box.map(brighter), place).slice(0, -1), footer(size.width)];
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Lines that a question needs to be worth reading; where the list has fewer, it covers the gauge too. */
const ENOUGH_LINES = 12;
/** Behind the pids, so that one still sees which rows there are. */
const BESIDE_PIDS = 9;

/** What a question may cover: the list and what is below it, never the chart above it, which is drawn over all lines. */
export function dialogArea({ size, view }: Pick<State, "size" | "view">): Area {
  const { header, states, tabs, titles } = layout(size);
  const above = view.page === "sessions" ? header + states + tabs + titles : 1;
  const below = size.height - 1 - above;
  const top = below >= ENOUGH_LINES ? above : 1;
  // The frame of a page stays closed below it, where there are lines for that.
  const frame = view.page !== "sessions" && below > ENOUGH_LINES ? 1 : 0;
  const height = size.height - 1 - top - frame;
  if (size.width < 60 || (size.width < 80 && top === 1)) return { left: 0, top, width: size.width, height };
  if (size.width < 80) return { left: 2, top, width: size.width - 4, height };
  const wanted = Math.min(100, Math.max(70, Math.trunc((size.width * 5) / 8)));
  const left = Math.max(BESIDE_PIDS, Math.trunc((size.width - wanted) / 2));
  // A letter or two between the box and the edge would be nothing but noise.
  const width = size.width - left - wanted < 4 ? size.width - left : wanted;
  // One row of the list stays in sight where there is one.
  return { left, top: top === 1 ? top : top + 1, width, height: top === 1 ? height : height - 1 };
}

/**
 * At the top of what it may cover; as low as it takes to show the row that it is about, in steps: a row that moves up or down behind it
 * must not shake what is being typed.
 */
function topOf(state: State, { targets }: Dialog, area: Area, height: number): number {
  const lowest = area.top + area.height - height;
  if (state.view.page !== "sessions") return lowest;
  const { header, states, tabs, titles } = layout(state.size);
  const index = visibleRows(state).all.findIndex((row) => row.backend.key === targets[0]?.key);
  const y = header + states + tabs + titles + index - state.view.top;
  const covered = index >= 0 && y >= area.top && y < area.top + height;
  const below = area.top + Math.ceil((y + 1 - area.top) / STEP) * STEP;
  return covered && y < lowest ? Math.min(below, lowest) : area.top;
}

const STEP = 5;

function title({ action, targets }: Dialog, { server }: Sample, room: number): Span[] {
  const n = targets.length;
  const what = action === "cancel" ? plural(n, "query", "queries") : plural(n, "backend");
  const verb = action === "cancel" ? "Cancel" : "Terminate";
  const name = serverName(server);
  const place = placeName(server);
  const texts = [
    `${verb} ${what} on ${name} (${server.role})`,
    `${verb} ${n} on ${name} (${server.role})`,
    `${verb} ${n} on ${place} (${server.role})`,
    `${verb} ${n} on ${place}`,
  ].map(clean);
  return [toned("title", texts.find((text) => textWidth(text) <= room - 2) ?? texts.at(-1)!)];
}

function factsOf(dialog: Dialog, sample: Sample, width: number): Fact[] {
  return dialog.targets.length === 1 ? targetFacts(dialog, sample, width) : groupFacts(dialog, sample, width);
}

/** While nothing is read from the server, nothing is sent to it. */
function obstacle(state: State, { voided }: Dialog, width: number): Fact[] {
  const why = trouble(state);
  return why === null || voided !== null ? [] : [warning(0, "critical", `Not now: ${why}`, width)];
}

/** What has to be typed, what was typed, and what was said to it: these are there on every screen. */
function bottomLines(dialog: Dialog, width: number, room: number): Line[] {
  const asked =
    dialog.voided === null
      ? [phraseLine(phraseOf(dialog), width)]
      : wrap([clean(`Void: ${dialog.voided}`)], width).map((piece) => line(toned("critical", piece)));
  const said = dialog.said === null ? [] : wrap([clean(dialog.said)], width).map((piece) => line(toned("warn", piece)));
  const input = inputLine(dialog, width);
  // Two lines for whom it is about, at least.
  const least = Math.max(2, room - 2);
  return [...asked.slice(0, least - 1), input, ...said].slice(0, Math.max(least, 2));
}

function phraseLine(phrase: string, width: number): Line {
  const parts = [toned("normal", "Type  "), toned("key", phrase), toned("normal", "  then Enter:")];
  if (spansWidth(parts) <= width) return line(...parts);
  return line(...parts.slice(spansWidth(parts.slice(0, 2)) <= width ? 0 : 1, 2));
}

/** What matches so far in one tone, from the first wrong character on in another; the end of it stays in sight. */
function inputLine(dialog: Dialog, width: number): Line {
  const { typed } = dialog;
  const phrase = phraseOf(dialog);
  let right = 0;
  while (right < typed.length && typed[right] === phrase[right]) right++;
  const matching = clean(typed.slice(0, right));
  const wrong = clean(typed.slice(right));
  const cells = Math.max(1, width - 3);
  const over = Math.max(0, textWidth(matching) + textWidth(wrong) - cells);
  const kept = skip(matching, over);
  const rest = skip(wrong, Math.max(0, over - textWidth(matching)));
  return line(
    toned("normal", "> "),
    toned(typed === phrase && dialog.voided === null ? "ok" : "title", kept),
    toned("warn", rest),
    toned("title", "_"),
  );
}

/** Its frame stands out from those of the screen below. */
function brighter({ spans }: Line): Line {
  return { spans: spans.map((span) => (span.tone === "frame" ? { ...span, tone: "normal" } : span)) };
}

const WAY_OUT = " Esc: keep it ";

function lastLine(width: number): Line {
  const rule = "─".repeat(Math.max(0, width - 3 - WAY_OUT.length));
  return line(toned("frame", `└${rule}`), toned("key", WAY_OUT), toned("frame", "─┘"));
}

/** While a question is open, other keys are letters. */
function footer(width: number): Line {
  const keys =
    width < 68
      ? ([
          ["Enter", "only with the phrase"],
          ["Esc", "keep"],
        ] as const)
      : ([
          ["Enter", "acts only when the phrase matches"],
          ["Esc", "keep"],
          ["Ctrl-U", "clear"],
        ] as const);
  const spans = keys.flatMap(([key, does]) => [toned("key", key), toned("normal", ` ${does}   `)]);
  return { spans: fitSpans([toned("normal", " "), ...spans], width) };
}
