import { memory, type Memory } from "../analysis/memory.ts";
import { inSums } from "../analysis/own-settings.ts";
import { largestSessions, RESTING_BYTES, type PrivateMemory } from "../analysis/private-memory.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "../analysis/slots.ts";
import { sessionName } from "../advice/words.ts";
import type { Sample } from "../model/reading.ts";
import { bytes } from "../text/bytes.ts";
import { fit } from "../text/fit.ts";
import { plural } from "../text/format.ts";
import { bar } from "./gauge.ts";
import { line, toned, type Line, type Span } from "./line.ts";
import { shareTone } from "./memory.ts";
import { machineUnknown, measuredWords, ofMachine, sharedWords } from "./memory-words.ts";
import { fitSpans, spansWidth } from "./spread.ts";

/** Memory in a few lines, beside something else: what is told first stays the longest where lines are short. */
export function memorySummary(
  sample: Sample,
  width: number,
  height: number,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): Line[] {
  const known = memory(sample);
  const { now, shared, sessions } = known;
  const alike = known.ours.some(inSums) ? ", if all are set as we are" : "";
  const risk =
    now === null || now.sessions === 0
      ? []
      : [part("at risk now", bytes(now.totalBytes), `${plural(now.sessions, "session")}, all at work${alike}`)];
  // In the order in which they stand; shared memory, which seldom changes, gives way first.
  const all: readonly (readonly [rank: number, Line])[] = [
    [0, headLine(known, sample)],
    [4, part("shared", shared === null ? null : bytes(shared.bytes), sharedWords(known))],
    [
      1,
      part(
        "private",
        privateWords(sessions),
        sessions.processes === 0 ? "no session but ours" : briefly(sessions, sample),
      ),
    ],
    ...risk.map((one) => [2, one] as const),
    ...barLines(known, width, thresholds).map((one) => [3, one] as const),
    ...largest(sample).map((one) => [5, one] as const),
    ...groupLine(sample).map((one) => [6, one] as const),
  ];
  const kept = new Set([...all].sort(([a], [b]) => a - b).slice(0, height));
  return all.filter((one) => kept.has(one)).map(([, one]) => cut(one, width));
}

/** What does not fit is seen not to. */
function cut({ spans }: Line, width: number): Line {
  if (spansWidth(spans) <= width || width < 1) return { spans: fitSpans(spans, width) };
  return { spans: [...fitSpans(spans, width - 1), toned("muted", "…")] };
}

function headLine({ machine }: Memory, sample: Sample): Line {
  const of =
    machine === null
      ? `machine ${machineUnknown(sample).replace(", because", ":")}`
      : `${machine.is} ${bytes(machine.bytes)}`;
  return line(toned("title", " Memory  "), toned("muted", of));
}

const NAME_CELLS = 12;
const BYTES_CELLS = 7;

function part(name: string, value: string | null, how: string): Line {
  return line(
    ` ${fit(name, NAME_CELLS)} ${fit(value ?? "?", BYTES_CELLS, "right")}  `,
    toned("muted", how.replace(/^unknown, because /, "")),
  );
}

/** Who has the most stands below. */
function briefly(sessions: PrivateMemory, sample: Sample): string {
  const { processes, measured } = sessions;
  if (measured === null || measured.processes === processes) return measuredWords(sessions, sample);
  return `${measured.processes} of ${processes} measured, else ≤${bytes(RESTING_BYTES.high)}`;
}

/** With "≤" where not all of it is measured: the range is told in words. */
function privateWords(sessions: PrivateMemory): string {
  return `${sessions.lowBytes === sessions.highBytes ? "" : "≤"}${bytes(sessions.highBytes)}`;
}

function barLines(known: Memory, width: number, thresholds: Thresholds): Line[] {
  const { now, full, machine } = known;
  const told = full ?? now;
  if (told === null) return [];
  const worst = ` ${fit("worst case", NAME_CELLS)} ${fit(bytes(told.totalBytes), BYTES_CELLS, "right")}  `;
  if (machine === null) return [line(worst, toned("muted", `all ${told.sessions} slots, all at work`))];
  const share = told.totalBytes / machine.bytes;
  const words = ` ${ofMachine(told.totalBytes, known)!}, ${told.sessions} slots at work`;
  const cells = Math.max(4, Math.min(BAR_CELLS, width - worst.length - words.length));
  return [line(worst, toned(shareTone(share, thresholds), bar(Math.min(1, share), cells)), toned("muted", words))];
}

const BAR_CELLS = 10;
const LARGEST = 3;

function largest(sample: Sample): Line[] {
  // We go when we quit, and are in no sum.
  const others = largestSessions(sample, LARGEST + 1).filter(({ backend }) => backend.pid !== sample.server.ownPid);
  return others.slice(0, LARGEST).map(({ backend, memoryBytes }, i): Line => {
    const name: Span = toned("normal", ` ${fit(i === 0 ? "largest" : "", NAME_CELLS)} `);
    return line(name, `${fit(bytes(memoryBytes), BYTES_CELLS, "right")}  `, toned("muted", sessionName(backend)));
  });
}

function groupLine({ usage }: Sample): Line[] {
  if (usage?.groupBytes == null) return [];
  return [part("group uses", bytes(usage.groupBytes), "control group, with page cache")];
}
