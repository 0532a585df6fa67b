import { preparedToCopy } from "../state/copy.ts";
import { rollback } from "../state/prepared.ts";
import type { State } from "../state/state.ts";
import { toned, type Line, type Span } from "./line.ts";
import { spread } from "./spread.ts";

/** What can be copied of the session that was pointed at, and with which key; null when nobody asks. */
export function copyLine(state: State): Line | null {
  const { copying } = state;
  if (copying === null) return null;
  const { pid } = copying.backend;
  const prepared = preparedToCopy(state);
  const spans: Span[] = copying.waits
    ? [toned("title", ` Copying the query of ${pid} when all of it has come`)]
    : [
        toned("title", " Copy: "),
        ...choice("y", "the query"),
        ...choice("p", `the pid ${pid}`),
        ...(prepared === null ? [] : choice("r", rollback(prepared))),
      ];
  return spread(spans, choice("Esc", ""), state.size.width);
}

function choice(key: string, does: string): Span[] {
  return [toned("key", key), toned("normal", does === "" ? " " : ` ${does}  `)];
}
