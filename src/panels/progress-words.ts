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
  const table = relationOf(progress) ?? autovacuumed(pid, sample) ?? numberOf(progress);
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
    // First what changes from look to look: the rest is cut where there is no room.
    short: joined(
      [command.replaceAll("_", " "), percent, table].filter((one) => one !== null).join(" "),
      phase,
      percent === null && part,
    ),
    more: [`${command}${of}: ${where}${percent === null ? "" : ` (${percent} of this phase)`}.`],
  };
}

function relationOf({ relation }: Progress): string | null {
  return relation?.replace(/^public\./, "") ?? null;
}

/** In another database than ours a table has a number alone; what an autovacuum worker says that it runs has the name. */
function autovacuumed(pid: number | null, { backends }: Sample): string | null {
  const query = backends.find((backend) => backend.pid === pid)?.query ?? "";
  const [, table = null] = AUTOVACUUM.exec(query) ?? [];
  return table === null ? null : table.replace(/^public\./, "");
}

/** Its own words end there, whatever the name has in it. */
const AUTOVACUUM = /^autovacuum: (?:VACUUM ANALYZE|VACUUM|ANALYZE) (.+?)(?: \(to prevent wraparound\))?$/s;

function numberOf({ relationId, database }: Progress): string | null {
  if (relationId === null || relationId === 0) return null;
  return `table ${relationId}${database === null ? "" : ` of ${database}`}`;
}
