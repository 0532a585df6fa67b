import { isUtf8 } from "node:buffer";

/** What a server process says of itself in its title. What it does not say is null. */
export interface Title {
  /** The word that pg_stat_activity has for it; null when the title cannot be understood. */
  readonly backendType: string | null;
  readonly user: string | null;
  readonly database: string | null;
  /** An address, or with log_hostname a name. */
  readonly clientAddress: string | null;
  /** -1 for a Unix socket. */
  readonly clientPort: number | null;
  readonly state: string | null;
  readonly waitEventType: string | null;
  readonly waitEvent: string | null;
  readonly leaderPid: number | null;
  /** The tag of a command with an ellipsis: the text itself is not told. */
  readonly query: string;
  /** It tells who it is, and not what it does: update_process_title is off. */
  readonly mute: boolean;
}

/** What else is known, to understand a title by. */
export interface TitleContext {
  /** What all titles of this server begin with: `postgres: `, with cluster_name `postgres: prod-x: `. */
  readonly prefix: string;
  readonly major: number | null;
  /** Names that blanks do not make ambiguous; asked for only where blanks do. */
  readonly known: () => KnownNames;
  /** What has this many bytes may be cut; null when not known. */
  readonly room: number | null;
  /** update_process_title is off: what a title says somebody does, he did when it was switched off. */
  readonly frozen: boolean;
}

export interface KnownNames {
  readonly users: ReadonlySet<string>;
  readonly databases: ReadonlySet<string>;
}

/** Titles are bytes. Names may be in any encoding; UTF-8 can be told from the others. */
export function titleText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes.toString("latin1");
}

/**
 * A title of any version from 10 on. Names may have blanks, parentheses and whatever else, so it is read from its end, where PostgreSQL's own words
 * stand. Who calls his role `walsender` may be taken for one: then it is the kind that is better protected.
 */
export function parseTitle(bytes: Buffer, context: TitleContext): Title {
  const text = titleText(bytes);
  const { prefix } = context;
  const cut = context.room !== null && bytes.length >= context.room - NOT_FOR_TITLES;
  if (!text.startsWith(prefix)) return NOT_UNDERSTOOD;
  const said = text.slice(prefix.length).trimEnd();
  const title = ofServer(said) ?? ofWalsender(said, context) ?? ofClient(said, context) ?? ofSomeSession(said, context);
  if (title !== null) {
    const stale = context.frozen && title.user !== null;
    return cut || stale ? { ...title, ...NOTHING_DONE, mute: title.mute || stale } : title;
  }
  // The end with the client's address is missing: some session, but nobody can say what it does.
  if (cut) return { ...NOT_UNDERSTOOD, ...names(said, context) };
  return { ...NOTHING, ...ofWorker(said, context.major) };
}

/**
 * Told by a process that every server has: whatever stands before its name is the same in all titles. Of a worker in a database called
 * `x: checkpointer` no other title begins so.
 */
export function titlePrefix(titles: readonly string[]): string {
  const found = titles.flatMap((title) => {
    const [, prefix] = BEFORE_OWN.exec(title) ?? [];
    return prefix !== undefined && ofServer(title.slice(prefix.length).trimEnd()) !== null ? [prefix] : [];
  });
  const shared = (prefix: string): number => titles.filter((title) => title.startsWith(prefix)).length;
  const [best = "postgres: "] = [...new Set(found)].sort((a, b) => shared(b) - shared(a) || a.length - b.length);
  return best;
}

const BEFORE_OWN =
  /^(postgres: (?:.{1,63}: )?)(?:checkpointer|startup|background writer|writer|walwriter|wal writer)\b/s;

/** Only 10 called its processes so. */
export function speaksAs10(titles: readonly string[]): boolean {
  return titles.some((title) => /checkpointer process *$/.test(title));
}

/** Names that only one reading allows: first those with one blank between them, then what stands beside one of those. */
export function knownNames(titles: readonly string[], prefix: string): KnownNames {
  const users = new Set<string>();
  const databases = new Set<string>();
  const pairs = titles.flatMap((title) => CLIENT.exec(title.slice(prefix.length).trimEnd())?.[1] ?? []);
  const clear = pairs.map((pair) => pair.split(" ")).filter((words) => words.length === 2);
  for (const [user, database] of clear) {
    users.add(user!);
    databases.add(database!);
  }
  for (const pair of new Set(pairs)) {
    const readings = divisions(pair).filter(({ user, database }) => users.has(user) || databases.has(database));
    if (readings.length !== 1) continue;
    users.add(readings[0]!.user);
    databases.add(readings[0]!.database);
  }
  return { users, databases };
}

/** A child that has been accepted and has not said yet who it is: it goes by the postmaster's own command line. */
export const HALF_OPEN: Title = {
  backendType: "half-open",
  user: null,
  database: null,
  clientAddress: null,
  clientPort: null,
  state: "starting",
  waitEventType: null,
  waitEvent: null,
  leaderPid: null,
  query: "",
  mute: false,
};

const NOTHING_DONE = { state: null, waitEventType: null, waitEvent: null, query: "" } as const;
const NOTHING: Title = { ...HALF_OPEN, ...NOTHING_DONE };
const NOT_UNDERSTOOD: Title = { ...NOTHING, backendType: null };

/** Processes of the server's own, in the words of 10 and of later versions. */
const OWN: readonly (readonly [RegExp, string])[] = [
  [/^checkpointer(?: process)?$/, "checkpointer"],
  [/^(?:background writer|writer process)$/, "background writer"],
  [/^(?:walwriter|wal writer process)$/, "walwriter"],
  [/^autovacuum launcher(?: process)?$/, "autovacuum launcher"],
  [/^stats collector(?: process)?$/, "stats collector"],
  [/^logger(?: process)?$/, "logger"],
  [/^walsummarizer$/, "walsummarizer"],
  [/^slotsync worker$/, "slotsync worker"],
  [/^io worker(?: \d+)?$/, "io worker"],
  [/^archiver(?: process)?(?: +(?:last was|archiving|failed on) [\w.]+)?$/, "archiver"],
  [/^startup(?: process)?(?: +(?:recovering|waiting for) [\w.]+)?(?: waiting)?$/, "startup"],
  [
    /^(?:walreceiver|wal receiver process)(?: +(?:idle|(?:streaming|restarting at) [0-9A-F]+\/[0-9A-F]+))?(?: waiting)?$/,
    "walreceiver",
  ],
];

function ofServer(said: string): Title | null {
  const own = OWN.find(([pattern]) => pattern.test(said));
  if (own !== undefined) return { ...NOTHING, backendType: own[1] };
  const leader = /^(?:bgworker: )?parallel worker for PID (\d+)$/.exec(said);
  if (leader !== null)
    return { ...NOTHING, backendType: "parallel worker", state: "active", leaderPid: Number(leader[1]) };
  const vacuum = /^autovacuum worker(?: process)?(?: +(.+))?$/s.exec(said);
  if (vacuum === null) return null;
  const database = vacuum[1] ?? null;
  return { ...NOTHING, backendType: "autovacuum worker", database, state: database === null ? null : "active" };
}

/** `walsender USER [DATABASE ]HOST(PORT) ACTIVITY`: the database from 16 on, for one that speaks SQL. */
function ofWalsender(said: string, context: TitleContext): Title | null {
  const found = /^(?:walsender|wal sender process) (.*)$/s.exec(said);
  const parts = found === null ? null : (CLIENT.exec(found[1]!) ?? STREAMER.exec(found[1]!));
  if (parts == null) return null;
  const [, name = "", , , , activity = ""] = parts;
  const alone = (context.major ?? 16) < 16 || !name.includes(" ") || context.known().users.has(name);
  const who = alone ? { user: name, database: null } : names(name, context);
  // Before 14 one that decodes for a subscriber goes on saying that it is idle.
  const nothing = activity === "idle" && (context.major ?? 13) < 14 ? "" : activity;
  const streams = { state: "active", waitEventType: null, waitEvent: null, query: activity };
  const does = activityOf(nothing) ?? streams;
  return { ...NOTHING, ...who, ...clientOf(parts), ...does, backendType: "walsender", mute: activity === "" };
}

function ofClient(said: string, context: TitleContext): Title | null {
  const parts = CLIENT.exec(said);
  if (parts === null) return null;
  const [, name = "", , , , activity = ""] = parts;
  const does = activityOf(activity)!;
  return {
    ...NOTHING,
    ...names(name, context),
    ...clientOf(parts),
    ...does,
    backendType: "client backend",
    mute: activity === "",
  };
}

/** Who has a client is a session, whatever it says that it does: words of a later version, or the first half of a word. */
function ofSomeSession(said: string, context: TitleContext): Title | null {
  const parts = SESSION.exec(said);
  if (parts === null) return null;
  return { ...NOTHING, ...names(parts[1]!, context), ...clientOf(parts), backendType: "client backend" };
}

function clientOf([, , local, address, port]: RegExpExecArray): Pick<Title, "clientAddress" | "clientPort"> {
  if (local !== undefined) return { clientAddress: null, clientPort: -1 };
  return { clientAddress: address!, clientPort: Number(port) };
}

type Activity = Pick<Title, "state" | "waitEventType" | "waitEvent" | "query">;

function activityOf(words: string): Activity | null {
  const [, what = "", waits, forStandby] = /^(.*?)( waiting(?: (for [0-9A-F]+\/[0-9A-F]+))?)?$/s.exec(words)!;
  const wait = {
    waitEventType: waits === undefined ? null : forStandby === undefined ? "Lock" : "IPC",
    waitEvent: forStandby === undefined ? null : "SyncRep",
  };
  switch (what) {
    case "":
      return { state: null, ...wait, query: "" };
    case "idle":
    case "idle in transaction":
    case "idle in transaction (aborted)":
      return { state: what, ...wait, query: "" };
    // It reads its notifications between two commands.
    case "notify interrupt":
      return { state: "idle", ...wait, query: "" };
    case "authentication":
    case "startup":
    case "initializing":
      return { state: "starting", ...wait, query: "" };
    case "<FASTPATH>":
      return { state: "fastpath function call", ...wait, query: "" };
    default:
      return TAG.test(what) ? { state: "active", ...wait, query: `${what} …` } : null;
  }
}

/** Of several ways to divide two names, the one whose halves are known from other titles; else the first blank. */
function names(text: string, context: TitleContext): Pick<Title, "user" | "database"> {
  const ways = divisions(text);
  if (ways.length < 2) return ways[0] ?? { user: text, database: null };
  const { users, databases } = context.known();
  const score = ({ user, database }: Names): number => Number(users.has(user)) + Number(databases.has(database));
  return ways.reduce((best, way) => (score(way) > score(best) ? way : best));
}

interface Names {
  readonly user: string;
  readonly database: string;
}

function divisions(text: string): readonly Names[] {
  const words = text.split(" ");
  return words
    .slice(1)
    .map((_, i) => ({ user: words.slice(0, i + 1).join(" "), database: words.slice(i + 1).join(" ") }))
    .filter(({ user, database }) => user !== "" && database !== "");
}

/** Background workers are called what their extension calls them; before 11, pg_stat_activity has one word for all. */
function ofWorker(said: string, major: number | null): Pick<Title, "backendType" | "query"> {
  const name = said.replace(/^bgworker: /, "");
  if (major === 10) return { backendType: "background worker", query: name };
  const replication = /^logical replication (?:(apply|tablesync|parallel apply) )?worker for subscription/.exec(name);
  if (replication === null) return { backendType: name === "" ? null : name, query: "" };
  const kind = replication[1]?.replace("parallel apply", "parallel");
  // 16 said apply in the title already, and in pg_stat_activity not yet.
  const word = kind === undefined || (kind === "apply" && (major ?? 17) < 17) ? "" : `${kind} `;
  return { backendType: `logical replication ${word}worker`, query: "" };
}

/** PostgreSQL leaves out the NUL behind the last variable of the environment, and writes one of its own: measured on 10 to 18. */
const NOT_FOR_TITLES = 2;

/** SELECT, CREATE TABLE AS, BIND; `???` where PostgreSQL has no name for it. */
const TAG = /^(?:[A-Z][A-Z0-9_]*(?: [A-Z0-9_]+)*|\?\?\?)$/;

const HOST = String.raw`(?:(\[local\])|(\S+)\((\d+)\))`;
const COMMAND = String.raw`[A-Z][A-Z0-9_]*(?: [A-Z0-9_]+)*|\?\?\?|<FASTPATH>`;
const REST = String.raw`idle(?: in transaction(?: \(aborted\))?)?|notify interrupt|authentication|startup|initializing`;
const WAITING = String.raw` waiting(?: for [0-9A-F]+\/[0-9A-F]+)?`;

/** Names, client, activity; the names as long as can be, because theirs is what strangers choose. */
const CLIENT = new RegExp(`^(.+) ${HOST}(?: ((?:${COMMAND}|${REST})?(?:${WAITING})?))?$`, "s");
const SESSION = new RegExp(`^(.+) ${HOST} `, "s");
/** A walsender says in words what it sends, and a backup has a label that strangers choose: here the first client counts. */
const STREAMER = new RegExp(`^(.+?) ${HOST}(?: (.*))?$`, "s");
