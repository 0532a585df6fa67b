import type { Backend } from "../model/backend.ts";
import type { TextRow } from "./decode.ts";

/** The rows of the last sample, in the server's order, and where the one of each pid is. */
export interface Known {
  readonly pids: string;
  readonly index: ReadonlyMap<number, number>;
  readonly backends: readonly Backend[];
}

interface Merged {
  readonly known: Known;
  readonly incomplete: boolean;
  readonly waitersNotResolved: number;
}

type Decode = (row: TextRow, before: Backend | undefined) => Backend;

/** The rows that came, and for the other pids the row we have. As long as nobody comes or goes, one array is all that is new. */
export function merge(before: Known, pids: string, rows: readonly TextRow[], decode: Decode): Merged {
  const came: Backend[] = [];
  let waitersNotResolved = 0;
  for (const row of rows) {
    const at = before.index.get(Number(row[0]));
    const backend = decode(row, at === undefined ? undefined : before.backends[at]);
    came.push(backend);
    if (backend.waitEventType === "Lock" && row[19] === null) waitersNotResolved++;
  }
  if (pids === before.pids) {
    const backends = before.backends.slice();
    for (const backend of came) {
      const at = before.index.get(backend.pid);
      if (at !== undefined) backends[at] = backend;
    }
    return { known: { ...before, backends }, incomplete: false, waitersNotResolved };
  }
  const byPid = new Map(came.map((backend) => [backend.pid, backend]));
  const index = new Map<number, number>();
  const backends: Backend[] = [];
  let incomplete = false;
  for (const text of pids === "" ? [] : pids.split(" ")) {
    const pid = Number(text);
    const at = before.index.get(pid);
    const backend = byPid.get(pid) ?? (at === undefined ? undefined : before.backends[at]);
    if (backend === undefined) incomplete = true;
    else index.set(pid, backends.push(backend) - 1);
  }
  // With a row missing, the same pids next time must not pass for a complete list.
  return { known: { pids: incomplete ? "" : pids, index, backends }, incomplete, waitersNotResolved };
}
