import type { Severity } from "../advice/rule.ts";
import type { SettingMark } from "../advice/setting-marks.ts";
import { waitsForRestart } from "../analysis/setting-change.ts";
import type { Sample } from "../model/reading.ts";
import { speaksSql } from "../model/lane.ts";
import type { Setting } from "../model/tuning.ts";
import type { SettingRow } from "../state/setting-rows.ts";
import { fit, type Align } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { settingWords } from "../text/setting-words.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";
import { isOursHere, needsText, overrideText, sourceText, valueText, whoseText } from "./setting-cells.ts";
import { fitSpans, spansWidth } from "./spread.ts";

/** What is to be said of them, then how many there are. */
export function settingsSummary(rows: readonly SettingRow[], sample: Sample, width: number): Line {
  if (sample.server.tuning === null) return { spans: fitSpans([], width) };
  const settings = rows.flatMap((row) => (row.kind === "setting" ? [row] : []));
  const changed = settings.filter(({ setting }) => isChanged(setting)).length;
  const waiting = settings.filter(({ setting }) => waitsForRestart(setting)).length;
  const of = (severities: readonly Severity[]): number =>
    settings.filter(({ mark }) => mark !== null && severities.includes(mark.severity)).length;
  const [wrong, notes] = [of(["critical", "warning"]), of(["info"])];
  const said = [
    ...(wrong === 0 ? [] : [toned("very-old", `${wrong} wrong`), toned("normal", ", ")]),
    ...(waiting === 0 ? [] : [toned("old", `${waits(waiting)} for a restart`), toned("normal", ", ")]),
    ...(notes === 0 ? [] : [toned("normal", `${plural(notes, "note")}, `)]),
    toned("normal", `${changed} of ${plural(settings.length, "setting")} not as by default`),
  ];
  return { spans: fitSpans(said, width) };
}

/** What the server has worked out by itself has no default. */
function isChanged({ value, bootValue, context }: Setting): boolean {
  return context !== "internal" && bootValue !== null && value !== bootValue;
}

function waits(n: number): string {
  return n === 1 ? "1 waits" : `${n} wait`;
}

/** Why there are no rows. */
export function settingsEmpty({ server }: Sample): Line {
  const why = speaksSql(server.lane)
    ? "What is set has not been read yet: it comes with the next sample."
    : "Processes do not tell what is set: without a connection it is not known.";
  return line(toned("muted", ` ${why}`));
}

type CellName = "name" | "value" | "source" | "needs";

interface Cell {
  readonly title: string;
  readonly width: number;
  readonly align: Align;
}

/** What stands before the note, which takes the rest where there is any. A name is told by its beginning, a value needs to be whole. */
function cells(width: number): Partial<Record<CellName, Cell>> {
  const value = width >= 100 ? 12 : 10;
  return {
    name: { title: "NAME", width: nameCells(width, value), align: "left" },
    value: { title: "VALUE", width: value, align: "right" },
    ...(width >= 100 && { source: { title: "SOURCE", width: 12, align: "left" as const } }),
    ...(width >= 72 && { needs: { title: "NEEDS", width: 7, align: "left" as const } }),
  };
}

function nameCells(width: number, value: number): number {
  if (!hasNotes(width)) return Math.max(8, width - value - INDENT.length - 1);
  return width >= 72 ? 35 : 30;
}

function hasNotes(width: number): boolean {
  return width >= 60;
}

const CELLS: readonly CellName[] = ["name", "value", "source", "needs"];
/** The cursor's mark, and that of a note. */
const INDENT = "  ";
/** Where there is no room for notes, and no colour, it is seen that there is one. */
const SIGNS: Readonly<Record<Severity, string>> = { critical: "!", warning: "!", info: "*" };

/** The titles of the columns. */
export function settingsTitles(width: number): Line {
  const texts = Object.values(cells(width)).map((cell) => fit(cell.title, cell.width, cell.align));
  return { spans: fitSpans([toned("muted", `${INDENT}${texts.join(" ")}${hasNotes(width) ? " NOTE" : ""}`)], width) };
}

/** One row of the list. */
export function settingsLine(row: SettingRow, sample: Sample, width: number): Line {
  if (row.kind === "title") {
    const said = `${INDENT}${row.group} `;
    return { spans: fitSpans([toned("muted", said + "─".repeat(Math.max(0, width - said.length)))], width) };
  }
  const texts = row.kind === "setting" ? settingTexts(row, sample) : overrideTexts(row);
  const shown = cells(width);
  const spans = CELLS.flatMap((name) => {
    const cell = shown[name];
    if (cell === undefined) return [];
    const { text, tone } = texts[name];
    return [toned("normal", " "), toned(tone, fit(text, cell.width, cell.align, "…"))];
  });
  const room = width - spansWidth(spans) - INDENT.length;
  const said = noteOf(row, texts.note, room);
  const note = hasNotes(width) ? [toned(said.tone, ` ${fit(said.text, room, "left", "…")}`)] : [];
  return { spans: fitSpans([toned("normal", " "), texts.sign, ...spans.slice(1), ...note], width) };
}

/** Where there is room, the note as a sentence; and of a setting with none, what it is for. */
function noteOf(row: SettingRow, short: Text, room: number): Text {
  if (row.kind !== "setting" || room < SENTENCE_CELLS) return short;
  if (row.mark !== null) return { tone: short.tone, text: markWords(row.setting, row.mark) };
  if (short.text !== "") return short;
  const [first = ""] = (settingWords(row.setting.name) ?? "").split(/(?<=\.) /);
  return { tone: "muted", text: first };
}

const SENTENCE_CELLS = 70;

/** Without a full stop. What is said of a new value that waits is about all that wait. */
export function markWords({ pendingRestart }: Setting, { short, why }: SettingMark): string {
  return pendingRestart ? short : why;
}

interface Text {
  readonly text: string;
  readonly tone: Tone;
}

type Texts = Readonly<Record<CellName | "note", Text>> & { readonly sign: Span };

function settingTexts({ setting, mark }: SettingRow & { readonly kind: "setting" }, { server }: Sample): Texts {
  const ours = isOursHere(setting, server);
  const tone = mark === null ? "normal" : TONES[mark.severity];
  return {
    sign: toned(tone, mark === null ? " " : SIGNS[mark.severity]),
    name: { text: setting.name, tone },
    value: { text: valueText(setting), tone: ours ? "muted" : tone },
    source: { text: sourceText(setting, server), tone: setting.source === "default" ? "muted" : "normal" },
    needs: { text: needsText(setting), tone: "muted" },
    note: mark === null ? { text: ours ? HIDDEN : "", tone: "muted" } : { text: mark.short, tone },
  };
}

const HIDDEN = "ours, others' is hidden";

function overrideTexts({ setting, override }: SettingRow & { readonly kind: "override" }): Texts {
  return {
    sign: toned("normal", " "),
    name: { text: `  for ${whoseText(override)}`, tone: "normal" },
    value: { text: overrideText(override, setting), tone: "normal" },
    source: { text: override.role === null ? "database" : "role", tone: "normal" },
    needs: { text: "", tone: "muted" },
    note: { text: "", tone: "muted" },
  };
}

/** A mark is told by its words as well: colours are not everywhere. */
export const TONES: Readonly<Record<Severity, Tone>> = { critical: "very-old", warning: "very-old", info: "old" };
