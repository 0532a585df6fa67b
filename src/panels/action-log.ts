import { lightFormat } from "date-fns/lightFormat";
import { lastResult } from "../analysis/last-result.ts";
import type { Server } from "../model/server.ts";
import type { Outcome } from "../state/outcome.ts";
import { moment, type State } from "../state/state.ts";
import { clean } from "../text/clean.ts";
import { fit, wrap } from "../text/fit.ts";
import { EMPTY_LINE, line, toned, type Line } from "./line.ts";
import { outcomeTone, outcomeWords } from "./outcome-words.ts";
import { page } from "./page.ts";
import { targetWords, whoWords } from "./target-words.ts";

/** What was cancelled and terminated in this run, the latest first: when, by which phrase, whom, and what came of it. */
export function logPage(state: State): Line[] {
  return page(state, "Log of this run", logLines(state));
}

export function logLines(state: State): readonly Line[] {
  if (state.outcomes.length === 0) return [EMPTY_LINE, line("  nothing has been ended in this run")];
  return entries(state.outcomes, moment(state)?.sample.server ?? null, state.size.width - 4);
}

/** Kept until something becomes known: two hundred orders of two hundred targets stand still while one pages through them. */
const entries = lastResult((outcomes: readonly Outcome[], server: Server | null, width: number): readonly Line[] =>
  [...outcomes].reverse().flatMap((outcome) => [...entry(outcome, server, width), EMPTY_LINE]),
);

const TIME_CELLS = 10;

function entry(outcome: Outcome, server: Server | null, width: number): Line[] {
  const { order } = outcome;
  const [only] = order.targets;
  const time = lightFormat(order.at, "HH:mm:ss");
  const indent = " ".repeat(TIME_CELLS);
  const room = Math.max(10, width - TIME_CELLS);
  const said = wrap([clean(outcomeWords(outcome, server))], room);
  const tone = outcomeTone(outcome);
  const head = line(" ", toned("muted", fit(time, TIME_CELLS)), toned("title", order.typed));
  if (order.targets.length === 1) {
    const who = wrap([clean(whoWords(only!))], room);
    return [
      head,
      ...who.map((words) => line(" ", indent, words)),
      ...said.map((words) => line(" ", indent, toned(tone, words))),
    ];
  }
  const targets = order.targets.flatMap((target) => {
    const who = `${fit(String(target.pid), 7, "right")}  ${whoWords(target)}`;
    const words = targetWords(outcome, target, server);
    return wrap([clean(`${who}  ${words}`)], room).map((piece) => line(" ", indent, piece));
  });
  return [head, ...said.map((words) => line(" ", indent, toned(tone, words))), ...targets];
}
