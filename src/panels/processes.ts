import type { ProcessNode } from "../analysis/process-tree.ts";
import type { History } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import type { ProcessRow } from "../state/process-rows.ts";
import { clean } from "../text/clean.ts";
import { fit, type Align } from "../text/fit.ts";
import { processPurpose } from "../text/process-words.ts";
import { memoryText } from "../text/usage-words.ts";
import { wholeParts } from "../text/whole-parts.ts";
import { textWidth } from "../text/width.ts";
import { line, toned, type Line, type Tone } from "./line.ts";
import { cpuText, processName, shortName, sinceText, waitCell, type Wait } from "./process-cells.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";
import { fitSpans } from "./spread.ts";
import { capital, phrase, WITHOUT_SQL, type Vital } from "./vital.ts";
import { ioLine, usageLine, vitalSign } from "./vital-signs.ts";

/** Never asked for: the postmaster is always there. */
export function processesEmpty(): Line {
  return line(toned("muted", " No process is known."));
}

interface Cell {
  readonly title: string;
  readonly width: number;
  readonly align: Align;
}

type CellName = "pid" | "name" | "since" | "cpu" | "memory" | "purpose" | "vital" | "wait";

type Cells = Readonly<Partial<Record<CellName, Cell>>>;

/** The cursor's mark. */
const INDENT = " ";

/** What is measured has columns of its own width; the words share what is left. */
function cells({ usage }: Sample, width: number): Cells {
  const left = (title: string, cell: number): Cell => ({ title, width: cell, align: "left" });
  const right = (title: string, cell: number): Cell => ({ title, width: cell, align: "right" });
  const measured: Partial<Record<CellName, Cell>> = {
    pid: right("PID", 7),
    name: left("PROCESS", width >= 160 ? 36 : width >= 100 ? 30 : width >= 80 ? 26 : width >= 60 ? 22 : 16),
    ...(width >= (usage === null ? 60 : 100) && { since: right("SINCE", 6) }),
    ...(width >= 80 && usage !== null && { cpu: right("CPU", 4), memory: right("MEM", 7) }),
  };
  const taken = Object.values(measured).reduce((sum, cell) => sum + cell.width + 1, INDENT.length);
  const room = Math.max(0, width - taken);
  const share = (of: number): number => Math.max(1, Math.trunc(room * of) - 1);
  if (width >= 160)
    return {
      ...measured,
      purpose: left("WHAT FOR", share(0.3)),
      vital: left("HOW IT DOES", share(0.46)),
      wait: left("WAITS", share(0.24)),
    };
  if (width >= 120) return { ...measured, vital: left("HOW IT DOES", share(0.64)), wait: left("WAITS", share(0.36)) };
  return { ...measured, vital: left(width >= 60 ? "HOW IT DOES" : "", room) };
}

/** The titles of the columns. */
export function processesTitles(sample: Sample, width: number): Line {
  const texts = Object.values(cells(sample, width)).map((cell) => fit(cell.title, cell.width, cell.align));
  return { spans: fitSpans([toned("muted", `${INDENT}${texts.join(" ")}`)], width) };
}

/** One process. */
export function processesLine({ node, branch }: ProcessRow, sample: Sample, history: History, width: number): Line {
  const shown = cells(sample, width);
  const sign = vitalSign(node, sample, history);
  const wait = waitCell(node, sample);
  const drawn = width < 80 ? branch.replaceAll("─ ", " ").replaceAll(/([│ ]) {2}/g, "$1 ") : branch;
  const name = width >= 160 ? processName(node) : shortName(node);
  const cut = spillOver(shown, sign, wait);
  const texts: Record<CellName, readonly [Tone, string]> = {
    pid: ["normal", node.pid === null ? "" : String(node.pid)],
    name: [nameTone(node), name],
    since: ["normal", sinceText(node, sample)],
    cpu: ["normal", cpuText(node)],
    memory: ["normal", memoryText(node.usage)],
    purpose: ["muted", processPurpose(node.kind)],
    vital: inOneCell(node, sign, wait, cut),
    // That it is hidden is said once.
    wait: wait.text === "hidden" && sign.tone === "muted" ? ["muted", ""] : [wait.tone, inWords(wait.brief, cut.wait)],
  };
  const spans = (Object.entries(cut) as [CellName, Cell][]).flatMap(([id, cell]) => {
    const [tone, text] = texts[id];
    const blank = toned("normal", " ");
    if (id !== "name") return [toned(tone, fit(text, cell.width, cell.align, "…")), blank];
    const room = cell.width - textWidth(drawn);
    return [toned("frame", drawn), toned(tone, fit(clean(text), room, "left", "…")), blank];
  });
  return { spans: fitSpans([toned("normal", INDENT), ...spans], width) };
}

/** How ill it does is told whole, over what it waits for; so is what does not fit, where it sleeps. */
function spillOver(shown: Cells, sign: Vital, wait: Wait): Cells {
  const { vital, wait: cell, ...others } = shown;
  if (vital === undefined || cell === undefined || textWidth(clean(phrase(sign))) <= vital.width) return shown;
  if (sign.tone === "normal" && wait.tone !== "muted") return shown;
  return { ...others, vital: { ...vital, width: vital.width + 1 + cell.width } };
}

/** Where there is one place for all words, the first that has something to say. */
function inOneCell({ kind }: ProcessNode, sign: Vital, wait: Wait, shown: Cells): readonly [Tone, string] {
  // The lane is told above; that nothing more is known, the pane below says.
  const said = sign.short === WITHOUT_SQL && shown.purpose === undefined ? "" : vitalText(sign, shown.vital);
  if (said !== "") return [sign.tone, said];
  if (shown.wait === undefined && wait.text !== "") return [wait.tone, inWords(wait.text, shown.vital)];
  return shown.purpose === undefined ? ["muted", inWords(processPurpose(kind), shown.vital)] : ["muted", ""];
}

/** A statement takes what the phrase before it leaves. */
function vitalText(sign: Vital, cell: Cell | undefined): string {
  const left = (cell?.width ?? 0) - textWidth(clean(sign.short));
  return sign.statement === "" || left < LEAST_OF_STATEMENT ? inWords(sign.short, cell) : phrase(sign);
}

const LEAST_OF_STATEMENT = 10;

function inWords(text: string, cell: Cell | undefined): string {
  return wholeParts(text, cell?.width ?? 0);
}

function nameTone({ kind, missing, off, unseen }: ProcessNode): Tone {
  if (missing !== null) return missing.harmlessWhere === null ? "critical" : "warn";
  if (kind === "postmaster") return "title";
  return unseen === null && off === null ? "normal" : "muted";
}

/** About the selected process, as much as there is room for. */
export function processesBelow(
  row: ProcessRow | null,
  sample: Sample,
  history: History,
  width: number,
  height: number,
): Line[] {
  return row === null ? [] : sentenceLines(processSentences(row.node, sample, history), width, height);
}

/** What it is for, how it does, what it waits for, what it takes of the machine. */
export function processSentences(node: ProcessNode, sample: Sample, history: History): readonly Sentence[] {
  const name = [node.pid === null ? "" : String(node.pid), processName(node)].filter((part) => part !== "").join(" ");
  const since = sinceText(node, sample);
  const sign = vitalSign(node, sample, history);
  return [
    { tone: "title", text: `${name}${since === "" ? "" : `, for ${since}`}: ${processPurpose(node.kind)}` },
    ...sign.more.map((one, i) => (i === 0 && sign.tone !== "normal" ? { ...one, tone: sign.tone } : one)),
    ...waitSentence(node, sample),
    ...[usageLine(node, sample), ioLine(node, sample)].flatMap((text) =>
      text === null ? [] : [{ tone: "muted" as const, text }],
    ),
  ];
}

/** With PostgreSQL's own names, which are what one looks for in its documentation. */
function waitSentence({ backend, ...node }: ProcessNode, sample: Sample): Sentence[] {
  const { text, tone } = waitCell({ ...node, backend }, sample);
  if (text === "" || backend === null || backend.waitEventType === null) return [];
  const { waitEventType, waitEvent } = backend;
  return [{ tone, text: `${capital(text)} [${waitEventType}${waitEvent === null ? "" : `: ${waitEvent}`}].` }];
}
