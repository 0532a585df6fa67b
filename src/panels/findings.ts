import { statementsOf, type Finding } from "../advice/rule.ts";
import { currentFindings, findingKey, nothingWords, shownFinding } from "../state/current-findings.ts";
import type { State } from "../state/state.ts";
import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { EMPTY_LINE, line, toned, type Line, type Tone } from "./line.ts";
import { page, SCROLL_KEYS } from "./page.ts";
import { SEVERITY_TONES } from "./verdict.ts";

/** What was found, the most urgent first, and all about the one that is chosen: what it rests on, what to do, what not to do. */
export function findingsPage(state: State): Line[] {
  const keys = [["n ← →", "next finding"], ["y", "copy the SQL"], ...SCROLL_KEYS] as const;
  return page(state, "Findings", findingsLines(state, state.size.width - 4), { keys });
}

export function findingsLines(state: State, width: number): Line[] {
  const all = currentFindings(state);
  const shown = shownFinding(state);
  if (shown === null) return [EMPTY_LINE, line(`  ${nothingWords(state)}`)];
  const list = all.map((one) => title(one, findingKey(one) === findingKey(shown), width));
  return [...(all.length > 1 ? [...list, EMPTY_LINE] : []), ...explained(shown, width)];
}

const WORDS: Readonly<Record<Finding["severity"], string>> = { critical: "CRITICAL", warning: "WARNING", info: "note" };
const WORD_CELLS = 10;

function title(finding: Finding, chosen: boolean, width: number): Line {
  const [first = "", ...more] = wrap([clean(finding.title)], Math.max(10, width - WORD_CELLS - 3));
  const said = more.length > 0 ? `${first} …` : first;
  return {
    ...line(
      chosen ? " > " : "   ",
      toned(SEVERITY_TONES[finding.severity], WORDS[finding.severity].padEnd(WORD_CELLS)),
      toned(chosen ? "title" : "normal", said),
    ),
    highlight: chosen ? "selected" : undefined,
  };
}

function explained({ severity, title, evidence, next, avoid }: Finding, width: number): Line[] {
  return [
    ...text(SEVERITY_TONES[severity], title, width, " "),
    EMPTY_LINE,
    ...section(
      "What it rests on",
      evidence.flatMap((one) => item("normal", one, width)),
    ),
    ...section(
      "What to do, in this order",
      next.flatMap((step, i) => [
        ...text("normal", step.text, width, `  ${i + 1}. `, "     "),
        ...statementsOf(step).flatMap((sql) => text("key", sql, width, "     ", "       ")),
      ]),
    ),
    ...section(
      "Take care",
      avoid.flatMap((one) => item("normal", one, width)),
    ),
  ];
}

function section(name: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [line(toned("title", ` ${name}`)), ...lines, EMPTY_LINE];
}

function item(tone: Tone, words: string, width: number): Line[] {
  return text(tone, words, width, "  - ", "    ");
}

function text(tone: Tone, words: string, width: number, head: string, indent = head): Line[] {
  return wrap([clean(words)], Math.max(10, width - indent.length)).map((piece, i) =>
    line(i === 0 ? head : indent, toned(tone, piece)),
  );
}
