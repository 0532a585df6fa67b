import type { Sample } from "../model/reading.ts";
import type { Progress } from "../model/workings.ts";
import { bytes } from "../text/bytes.ts";
import { count } from "../text/format.ts";
import { joined } from "./vital.ts";

/** How far a process is with what pg_stat_progress_* tells of; null: with nothing of it, or it is not known (progressUnknown says why). */
export function progressWords(
  pid: number | null,
  sample: Sample,
): { readonly short: string; readonly more: readonly string[] } | null {
  const progress = sample.workings?.progress?.find((one) => one.pid === pid);
  if (progress === undefined) return null;
  const { command, phase, done, total, unit } = progress;
  const table = relationOf(progress);
  const percent =
    done === null || total === null || total <= 0 ? null : `${Math.floor((Math.min(done, total) * 100) / total)} %`;
  const plain = (n: number): string => (unit === "bytes" ? bytes(n) : count(n));
  const amount = (n: number): string => `${plain(n)}${unit === null || unit === "bytes" ? "" : ` ${unit}`}`;
  const part = done === null ? "" : total === null || total <= 0 ? amount(done) : `${plain(done)} of ${amount(total)}`;
  const of = table === null ? "" : ` of ${table}`;
  const where =
    phase === null
      ? "in which phase it is, is hidden from our role or not told"
      : `${phase}${part === "" ? "" : `, ${part}`}`;
  return {
    short: joined(
      [command.replaceAll("_", " "), table].filter((one) => one !== null).join(" "),
      phase,
      percent ?? part,
    ),
    more: [`${command}${of}: ${where}${percent === null ? "" : ` (${percent} of this phase)`}.`],
  };
}

/** In another database a table has a number alone. */
function relationOf({ relation, relationId, database }: Progress): string | null {
  if (relation !== null) return relation.replace(/^public\./, "");
  if (relationId === null || relationId === 0) return null;
  return `table ${relationId}${database === null ? "" : ` of ${database}`}`;
}
