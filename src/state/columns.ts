import { blocking } from "../analysis/blocking.ts";
import { clientName } from "../analysis/client-name.ts";
import { isInTransaction } from "../analysis/states.ts";
import { usageOf } from "../analysis/usage-of.ts";
import { isHidden, nameOrType, type Backend } from "../model/backend.ts";
import { secondsSince, xidAge, type Sample } from "../model/reading.ts";
import type { Align } from "../text/fit.ts";
import { coarseDuration, count, duration } from "../text/format.ts";
import { memoryText, percent, rate } from "../text/usage-words.ts";

/** One column of the sessions list. Everything about it is here: header, width, text, sorting, help, `--columns`, docs. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  /** Cells that it has a right to at 80 columns, at 120 and at 200; the query takes what is left. */
  readonly width: readonly [number, number, number];
  /** It is as wide as its texts need, up to its right, and up to this where the query does not want the cells. */
  readonly most?: readonly [number, number, number];
  /** It tells more where this column stands beside it. */
  readonly moreBeside?: string;
  readonly align: Align;
  /** @param shown which columns stand beside it: a state says its age only where no other column does */
  readonly text: (backend: Backend, sample: Sample, shown: ReadonlySet<string>) => string;
  /** What sorts it; null sorts last in both directions. */
  readonly sortBy: (backend: Backend, sample: Sample) => number | string | null;
  /** Ages and counts start with the largest when chosen. */
  readonly descending: boolean;
}

const xact = (b: Backend, s: Sample): number | null => secondsSince(b.xactStartSeconds, s);
const inState = (b: Backend, s: Sample): number | null => secondsSince(b.stateChangeSeconds, s);

export const COLUMNS = [
  {
    id: "pid",
    title: "PID",
    help: "process id of the backend; = is our own, └ a parallel worker of the row above",
    width: [5, 5, 5],
    most: [10, 10, 10],
    align: "right",
    text: (b) => String(b.pid),
    sortBy: (b) => b.pid,
    descending: false,
  },
  {
    id: "db",
    title: "DB",
    help: "database",
    width: [6, 8, 12],
    most: [12, 16, 30],
    align: "left",
    text: (b) => b.database ?? "",
    sortBy: (b) => b.database,
    descending: false,
  },
  {
    id: "user",
    title: "USER",
    help: "role",
    width: [8, 10, 12],
    most: [12, 16, 30],
    align: "left",
    text: (b) => b.user ?? "",
    sortBy: (b) => b.user,
    descending: false,
  },
  {
    id: "client",
    title: "CLIENT",
    help: "address of the client; local is a Unix socket",
    width: [12, 15, 21],
    most: [15, 22, 46],
    moreBeside: "xmin",
    align: "left",
    text: (b, _, shown) => clientText(b, shown.has("xmin")),
    sortBy: clientName,
    descending: false,
  },
  {
    id: "app",
    title: "APP",
    help: "application_name, as the client gave it, or (what it is)",
    width: [8, 12, 16],
    most: [16, 24, 32],
    align: "left",
    text: nameOrType,
    sortBy: (b) => (b.application === "" ? null : b.application),
    descending: false,
  },
  {
    id: "state",
    title: "STATE",
    help: "what the backend does; idle in tx = idle in transaction, tx aborted = idle in transaction (aborted)",
    width: [12, 12, 12],
    align: "left",
    text: stateText,
    sortBy: (b) => (isHidden(b) ? "hidden" : b.state),
    descending: false,
  },
  {
    id: "xact",
    title: "XACT",
    help: "age of the open transaction; empty when there is none",
    width: [6, 6, 7],
    align: "right",
    text: (b, s) => duration(xact(b, s)),
    // An aborted transaction has lasted at least as long as it has been aborted.
    sortBy: (b, s) => (b.state === "idle in transaction (aborted)" ? inState(b, s) : xact(b, s)),
    descending: true,
  },
  {
    id: "query-age",
    title: "QUERY+",
    help: "since the running or the last query began",
    width: [7, 7, 7],
    align: "right",
    text: (b, s) => resting(b, secondsSince(b.queryStartSeconds, s)),
    sortBy: (b, s) => secondsSince(b.queryStartSeconds, s),
    descending: true,
  },
  {
    id: "state-age",
    title: "STATE+",
    help: "how long it has been in this state",
    width: [7, 7, 7],
    align: "right",
    text: (b, s) => resting(b, inState(b, s)),
    sortBy: inState,
    descending: true,
  },
  {
    id: "wait",
    title: "WAIT",
    help: "what it waits for: class and event of PostgreSQL",
    width: [13, 18, 25],
    most: [16, 26, 34],
    moreBeside: "state-age",
    align: "left",
    text: (b, _, shown) => waitText(b, shown.has("state-age")),
    sortBy: (b) => (b.waitEventType === null ? null : `${b.waitEventType}:${b.waitEvent ?? ""}`),
    descending: false,
  },
  {
    id: "block",
    title: "BLOCK",
    help: "blk 9 = nine sessions wait behind it; <123 = it waits for 123, <prep = for a prepared transaction, ? = hidden",
    width: [7, 8, 8],
    most: [8, 8, 8],
    align: "left",
    text: blockText,
    sortBy: (b, s) => blocking(s).blocks.get(b.pid) ?? (blocking(s).blocker.has(b.pid) ? 0 : null),
    descending: true,
  },
  {
    id: "xmin",
    title: "XMIN",
    help: "how many transactions ago the oldest snapshot or id that it holds was handed out",
    width: [6, 6, 6],
    align: "right",
    text: (b, s) => count(xmin(b, s)),
    sortBy: xmin,
    descending: true,
  },
  {
    id: "cpu",
    title: "CPU%",
    help: "of one processor, while the server runs on this machine",
    width: [5, 5, 5],
    align: "right",
    text: (b, s) => percent(usageOf(b, s)?.cpuPercent),
    sortBy: (b, s) => usageOf(b, s)?.cpuPercent ?? null,
    descending: true,
  },
  {
    id: "mem",
    title: "MEM",
    help: "memory of its own: anonymous, by share, and page tables; no shared_buffers, as RSS has them; ≤ is a bound",
    width: [8, 8, 8],
    align: "right",
    text: (b, s) => memoryText(usageOf(b, s)),
    sortBy: (b, s) => usageOf(b, s)?.memoryBytes ?? null,
    descending: true,
  },
  {
    id: "read",
    title: "READ/S",
    help: "bytes read from disks a second, while the server runs on this machine",
    width: [7, 7, 7],
    align: "right",
    text: (b, s) => rate(usageOf(b, s)?.readBytesPerSecond),
    sortBy: (b, s) => usageOf(b, s)?.readBytesPerSecond ?? null,
    descending: true,
  },
  {
    id: "write",
    title: "WRITE/S",
    help: "bytes written to disks a second, while the server runs on this machine",
    width: [7, 7, 7],
    align: "right",
    text: (b, s) => rate(usageOf(b, s)?.writtenBytesPerSecond),
    sortBy: (b, s) => usageOf(b, s)?.writtenBytesPerSecond ?? null,
    descending: true,
  },
  {
    id: "query",
    title: "QUERY",
    help: "the running or, when idle, the last query",
    width: [12, 12, 12],
    align: "left",
    text: (b) => (isHidden(b) ? "(hidden: needs pg_monitor)" : b.query.trimStart()),
    sortBy: (b) => b.query,
    descending: false,
  },
] as const satisfies readonly Column[];

export type ColumnId = (typeof COLUMNS)[number]["id"];

/** What is read only while one of these is shown or sorted by. */
export const USAGE_COLUMNS: ReadonlySet<ColumnId> = new Set(["cpu", "mem", "read", "write"]);

export function column(id: ColumnId): Column {
  return COLUMNS.find((entry) => entry.id === id)!;
}

function stateText(backend: Backend, sample: Sample, shown: ReadonlySet<string>): string {
  if (isHidden(backend)) return "hidden";
  if (backend.backendType !== "client backend") return backend.state ?? backend.backendType ?? "";
  if (backend.state === "idle in transaction") return "idle in tx";
  // PostgreSQL forgets when an aborted transaction began: its age is that of its state.
  if (backend.state === "idle in transaction (aborted)") {
    return shown.has("state-age") ? "tx aborted" : `aborted ${coarseDuration(inState(backend, sample))}`;
  }
  if (backend.state === "fastpath function call") return "fastpath";
  if (backend.state === "idle" && !shown.has("state-age")) return `idle ${coarseDuration(inState(backend, sample))}`;
  return backend.state ?? "";
}

/** How long somebody has been idle is not a matter of seconds, and digits that run in every row draw the eye for nothing. */
function resting(backend: Backend, seconds: number | null): string {
  return backend.state === "idle" ? coarseDuration(seconds) : duration(seconds);
}

function clientText(backend: Backend, withPort: boolean): string {
  const name = clientName(backend) ?? "";
  return withPort && backend.clientAddress !== null ? `${name}:${backend.clientPort ?? ""}` : name;
}

/** ClientRead of an idle session is what idle means; it is named only where a transaction is open, which it then holds open. */
function waitText(backend: Backend, withClass: boolean): string {
  if (backend.waitEvent === null || backend.waitEventType === "Activity") return "";
  if (backend.waitEventType === "Client" && !isInTransaction(backend) && backend.state !== "active") return "";
  return withClass ? `${backend.waitEventType}:${backend.waitEvent}` : backend.waitEvent;
}

function blockText(backend: Backend, sample: Sample): string {
  // Nobody told us whether it waits; that it blocks somebody, we may know all the same.
  const { blocks, blocker } = blocking(sample);
  const by = blocker.get(backend.pid);
  if (by !== undefined) return by === 0 ? "<prep" : `<${by}`;
  const behind = blocks.get(backend.pid);
  if (isHidden(backend) && behind === undefined) return "?";
  return behind === undefined ? "" : `blk ${behind}`;
}

function xmin(backend: Backend, sample: Sample): number | null {
  const snapshot = xidAge(backend.backendXmin, sample);
  const own = xidAge(backend.backendXid, sample);
  return snapshot === null ? own : Math.max(snapshot, own ?? 0);
}
