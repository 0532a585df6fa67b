import { blockTree, type BlockNode, type Who } from "../analysis/block-tree.ts";
import type { WaitAge } from "../analysis/blocking.ts";
import { applyLeader } from "../analysis/process-kind.ts";
import { slots } from "../analysis/slots.ts";
import { isHidden, nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { BlockingRow } from "../state/blocking-rows.ts";
import { clean } from "../text/clean.ts";
import { fit } from "../text/fit.ts";
import { duration, plural } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import { textWidth } from "../text/width.ts";
import { line, toned, type Line, type Span, type Tone } from "./line.ts";
import { shortLock } from "./lock-words.ts";
import { fitSpans } from "./spread.ts";

/** How much of it there is, and what of it we cannot see. */
export function blockingHead(sample: Sample, width: number): Line[] {
  const { roots, blocked, untold, longest } = blockTree(sample);
  const rings = roots.filter(({ inRing }) => inRing).length;
  const own = roots.filter(({ waits, who }) => !waits && who.kind !== "untold").length;
  const told = sample.server.postmaster?.tellsActivity !== false;
  const spans = [
    toned("title", " Blocking"),
    toned(
      "normal",
      `  roots ${rootsWords(own, untold, told)}, blocked ${told ? blocked : "?"}${longest === null ? "" : `, longest ${ageWords(longest)}`}`,
    ),
  ];
  if (rings > 0) spans.push(toned("critical", `, ${plural(rings, "deadlock")}`));
  if (untold > 0) spans.push(toned("warn", `, ${untold} not told behind whom`));
  const { hidden } = slots(sample);
  if (hidden > 0) spans.push(toned("warn", `, ${hidden} hidden from us`));
  return [{ spans: fitSpans(spans, width) }];
}

/** Behind whom some wait is not told: there may be more of them. */
function rootsWords(own: number, untold: number, told: boolean): string {
  if (untold === 0 && told) return String(own);
  return own === 0 ? "?" : `${own}+`;
}

/** Why the list is empty. */
export function blockingEmpty(sample: Sample): Line {
  const { postmaster, lane } = sample.server;
  if (postmaster !== null && !postmaster.tellsActivity)
    return line(toned("warn", " Who waits is not told: without SQL by titles alone, and they are off."));
  if (lane === "host")
    return line(toned("muted", " No process says that it waits for a lock; behind whom, nobody tells without SQL."));
  const { hidden } = slots(sample);
  return hidden === 0
    ? line(toned("muted", " Nobody waits for a lock."))
    : line(toned("warn", ` Nobody is seen to wait for a lock; ${plural(hidden, "session")} hidden from our role may.`));
}

/** One line of the tree. Its first cell is blank: the cursor's place. */
export function blockingLine(row: BlockingRow, sample: Sample, width: number): Line {
  const cells = cellsAt(width);
  const branch = shortBranch(row.branch, cells.who - 12);
  if (row.kind === "more") {
    const longest = longestOf(row.rest);
    const words = `${row.folded ? "+" : "-"} ${row.rest.length} more${longest === null ? "" : `, the longest ${ageWords(longest)}`}`;
    return { spans: fitSpans([toned("frame", ` ${branch}`), toned("muted", words)], width) };
  }
  const { node } = row;
  const [who, state, rest] = partsOf(node, sample);
  const name = fit(clean(`${row.folded ? "+ " : ""}${who}`), cells.who - textWidth(branch));
  const what = whatSpans(node, row, sample);
  const used = what.reduce((sum, { text }) => sum + textWidth(clean(text)), 0);
  const gap = " ".repeat(Math.max(2, cells.what - used));
  const spans = [
    toned("frame", ` ${branch}`),
    toned(nameTone(node), name),
    toned(stateTone(node), ` ${fit(state, cells.state)} `),
    ...what,
    toned("normal", `${gap}${fit(rest, width)}`),
  ];
  return { spans: fitSpans(spans, width) };
}

/** Null where nobody's wait can be told, which is not to say that they have just begun. */
function longestOf(nodes: readonly BlockNode[]): WaitAge | null {
  return nodes.reduce<WaitAge | null>(
    (most, { waited }) => (waited !== null && (most === null || waited.seconds > most.seconds) ? waited : most),
    null,
  );
}

/** Cells of who it is with its branch, of its state, and what its lock has at the least. */
function cellsAt(width: number): { who: number; state: number; what: number } {
  if (width < 60) return { who: 18, state: 10, what: 0 };
  if (width < 100) return { who: 26, state: 16, what: 20 };
  return width < 160 ? { who: 36, state: 16, what: 32 } : { who: 48, state: 16, what: 44 };
}

/** Deep in a chain, what is nearest to the row is what tells. */
function shortBranch(branch: string, most: number): string {
  return branch.length <= most ? branch : `…${branch.slice(1 - most)}`;
}

/** Who it is, its state with its age, its query. */
function partsOf({ who, waits, waited }: BlockNode, sample: Sample): [string, string, string] {
  switch (who.kind) {
    case "backend": {
      const { backend } = who;
      const name = [backend.pid, backend.user ?? "", nameOrType(backend)].filter((part) => part !== "").join(" ");
      return [name, waits ? waitsFor(waited) : stateAge(backend, sample), doesWords(backend)];
    }
    case "prepared": {
      const { prepared } = who;
      if (prepared === null) return ["prepared", "", "a prepared transaction: see pg_prepared_xacts"];
      const age = duration(secondsSince(prepared.preparedSeconds, sample));
      return [`prepared ${literal(prepared.gid)}`, `${age} old`, `of ${prepared.owner} in ${prepared.database}`];
    }
    case "absent":
      return [String(who.pid), "not in sample", ""];
    case "untold":
      return ["not told", "", "behind whom these wait"];
  }
}

function doesWords(backend: Backend): string {
  if (isHidden(backend)) return "(hidden: needs pg_monitor)";
  const leader = applyLeader(backend);
  return leader === null ? backend.query.trimStart() : `works for the apply worker ${leader}`;
}

function waitsFor(age: WaitAge | null): string {
  return age === null ? "waits" : `waits ${ageWords(age)}`;
}

/** "<13m58": no longer than that. */
function ageWords({ seconds, exact }: WaitAge): string {
  return `${exact ? "" : "<"}${duration(seconds)}`;
}

function stateAge(backend: Backend, sample: Sample): string {
  if (isHidden(backend)) return "hidden";
  const age = duration(secondsSince(backend.stateChangeSeconds, sample));
  return `${SHORT[backend.state ?? ""] ?? backend.state ?? ""} ${age}`.trim();
}

const SHORT: Readonly<Record<string, string>> = {
  "idle in transaction": "idle in tx",
  "idle in transaction (aborted)": "tx aborted",
  "fastpath function call": "fastpath",
};

function whatSpans(node: BlockNode, { folded }: BlockingRow, sample: Sample): Span[] {
  const { id, waits, inRing, workers, ddl, under, behind } = node;
  const blocks = blocksWords(node.who, waits ? under : behind);
  const parts: Span[] = [];
  // On a narrow screen the end is cut off: what decides comes first.
  if (inRing) parts.push(toned("critical", "deadlock"));
  if (ddl !== null) parts.push(toned("warn", ddl.changedNothing ? "▲ cancel first" : "▲ DDL"));
  if (blocks !== "") parts.push(toned(waits ? "title" : "blocker", blocks));
  if (folded) parts.push(toned("muted", `${under} folded`));
  if (waits) parts.push(toned("normal", shortLock(sample, id)));
  if (workers > 0) parts.push(toned("muted", plural(workers, "worker")));
  return parts.flatMap((part, i) => (i === 0 ? [part] : [toned("normal", " "), part]));
}

function blocksWords({ kind }: Who, n: number): string {
  if (n === 0) return "";
  return kind === "untold" ? `${n} ${n === 1 ? "waits" : "wait"}` : `blocks ${n}`;
}

function nameTone({ who, waits, inRing }: BlockNode): Tone {
  if (inRing) return "critical";
  if (who.kind === "untold" || who.kind === "absent") return "muted";
  return waits ? "normal" : "blocker";
}

function stateTone({ who, waits }: BlockNode): Tone {
  if (waits) return "waiting";
  if (who.kind !== "backend") return "muted";
  const { state } = who.backend;
  if (state === "idle in transaction (aborted)") return "aborted";
  return state === "idle in transaction" ? "idle-in-transaction" : "normal";
}
