import { upSeconds } from "../analysis/process-age.ts";
import { CONNECTING, HIDDEN, processTree, SESSIONS, type ProcessNode } from "../analysis/process-tree.ts";
import { append, emptyHistory } from "../history/history.ts";
import type { Sample } from "../model/reading.ts";
import { phrase } from "../panels/vital.ts";
import { vitalSign } from "../panels/vital-signs.ts";
import { isSession } from "../state/rows.ts";

/**
 * The server's own processes, for scripts: those that SQL or the machine shows, those that nobody shows although they are there
 * (`unseen` says why), and those that ought to be there and are not (`missing`). Sessions are listed elsewhere.
 */
export function processRecords(sample: Sample): object[] {
  const history = append(emptyHistory(), sample);
  return processTree(sample)
    .filter(isOwn)
    .map((node) => {
      const { kind, pid, backend, usage, leader, unseen, missing } = node;
      return {
        pid,
        backendType: kind,
        waitEventType: backend?.waitEventType ?? null,
        waitEvent: backend?.waitEvent ?? null,
        leaderPid: leader,
        upSeconds: round(upSeconds(node, sample)),
        cpuPercent: round(usage?.cpuPercent ?? null),
        memoryBytes: usage?.memoryBytes ?? null,
        memoryHow: usage?.memoryHow ?? null,
        does: phrase(vitalSign(node, sample, history)),
        unseen,
        missing: missing === null ? null : missing.because,
      };
    });
}

function isOwn({ key, kind, backend, off }: ProcessNode): boolean {
  return (
    off === null &&
    ![SESSIONS, CONNECTING, HIDDEN].includes(key) &&
    kind !== "client backend" &&
    !(backend !== null && isSession(backend))
  );
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
