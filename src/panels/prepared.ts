import type { PreparedTransaction } from "../model/action.ts";
import type { Backend } from "../model/backend.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import { preparedBefore, rollback } from "../state/prepared.ts";
import type { State } from "../state/state.ts";
import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { duration } from "../text/format.ts";
import { literal } from "../text/literal.ts";
import { line, toned, type Line } from "./line.ts";

/** The prepared transactions that a backend waits for, and what ends them: no session does, so that nothing here could. */
export function preparedLines(state: State, backend: Backend, sample: Sample, width: number): Line[] {
  const prepared = preparedBefore(state, backend);
  if (prepared.length === 0) return pieces(UNTOLD, width);
  return prepared.flatMap((one, i) => pieces(words(one, sample, i === 0), width));
}

function words(one: PreparedTransaction, sample: Sample, first: boolean): string {
  const age = duration(secondsSince(one.preparedSeconds, sample));
  const copies = first ? " (y r copies)" : "";
  const whose = `prepared transaction ${literal(one.gid)} of ${one.owner}, ${age} old`;
  return clean(`${whose}: in ${one.database} run ${rollback(one)}${copies}`);
}

const UNTOLD = "a prepared transaction: see pg_prepared_xacts, and ROLLBACK PREPARED ends it";

function pieces(text: string, width: number): Line[] {
  const head = "waits for ";
  return wrap([head + text], Math.max(20, width - INDENT.length)).map((piece, i) =>
    i === 0 ? line(toned("waiting", head), piece.slice(head.length)) : line(INDENT + piece),
  );
}

const INDENT = "  ";
