import type { Line } from "../panels/line.ts";
import { clean } from "../text/clean.ts";
import { charWidth, cut, textWidth } from "../text/width.ts";
import type { Theme } from "./theme.ts";

type Tones = Pick<Theme, "tone" | "reset">;

/**
 * Lines as texts with our own SGR: every text cleaned here whatever happened to it before, cut to the width, highlighted rows
 * filled up. The only place where text becomes terminal output.
 */
export function paint(lines: readonly Line[], width: number, theme: Tones, ascii: boolean): string[] {
  return lines.map((line) => paintLine(line, width, theme, ascii));
}

function paintLine(line: Line, width: number, theme: Tones, ascii: boolean): string {
  let out = "";
  let left = width;
  let current = "";
  const write = (text: string, sgr: string): void => {
    if (text === "") return;
    if (sgr !== current) {
      out += current === "" ? sgr : theme.reset + sgr;
      current = sgr;
    }
    out += ascii ? toAscii(text) : text;
  };
  for (const span of line.spans) {
    if (left <= 0) break;
    const whole = clean(span.text);
    const text = cut(whole, left);
    left -= textWidth(text);
    const highlight = span.above === true ? undefined : line.highlight;
    const sgr = theme.tone(span.tone, highlight);
    if (underlines(sgr)) {
      // What is underlined is words; the blanks that make a column of them are not.
      const words = text.trim();
      const start = words === "" ? text.length : text.indexOf(words);
      const blank = theme.tone("normal", highlight);
      write(text.slice(0, start), blank);
      write(words, sgr);
      write(text.slice(start + words.length), blank);
    } else write(text, sgr);
    if (text.length < whole.length) break;
  }
  if (line.highlight !== undefined && left > 0) write(" ".repeat(left), theme.tone("normal", line.highlight));
  return current === "" ? out : out + theme.reset;
}

/** Asked of every span; there are some dozen sequences. */
function underlines(sgr: string): boolean {
  let known = UNDERLINE.get(sgr);
  if (known === undefined) UNDERLINE.set(sgr, (known = UNDERLINED.test(sgr)));
  return known;
}

const UNDERLINE = new Map<string, boolean>();
const UNDERLINED = /\u001b\[(?:\d+;)*4(?:;|m)/;

/** Where the locale has no UTF-8, blessed shows a question mark for each of our glyphs: better a plain one that says something. */
export function toAscii(text: string): string {
  return text.replace(/[^ -~]/gu, (char) => ASCII[char] ?? "?".repeat(charWidth(char.codePointAt(0)!)));
}

const ASCII: Readonly<Record<string, string>> = {
  "█": "#",
  "░": ":",
  "·": ".",
  "▲": "!",
  "▼": "v",
  "─": "-",
  "│": "|",
  "┌": "+",
  "┐": "+",
  "└": "`",
  "├": "|",
  "┘": "+",
  "†": "x",
  "…": "~",
  "−": "-",
  "≤": "<",
  "×": "x",
  Δ: "+",
  "↑": "^",
  "↓": "v",
  "←": "<",
  "→": ">",
  "▁": "_",
  "▂": ".",
  "▃": ":",
  "▄": "-",
  "▅": "=",
  "▆": "+",
  "▇": "*",
  "▏": " ",
  "▎": ":",
  "▍": ":",
  "▌": "=",
  "▋": "=",
  "▊": "+",
  "▉": "#",
};

/** On the consoles of kernels: what their fonts lack, in what they have. */
export function toConsole(text: string): string {
  return text.replace(LACKING, (char) => CONSOLE[char] ?? "*");
}

const LACKING = /[▁-▃▅-▇▉-▋▍-▏†…−\u2801-\u28ff]/g;

/** Steps of a course in halves of a cell; the dots of a chart are stars. */
const CONSOLE: Readonly<Record<string, string>> = {
  "▁": "_",
  "▂": "_",
  "▃": "▄",
  "▅": "▄",
  "▆": "█",
  "▇": "█",
  "▉": "█",
  "▊": "▌",
  "▋": "▌",
  "▍": "▌",
  "▎": "░",
  "▏": "░",
  "†": "x",
  "…": "~",
  "−": "-",
};
