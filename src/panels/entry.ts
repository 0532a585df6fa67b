import { LANES, type Lane } from "../model/lane.ts";
import { moment, type State } from "../state/state.ts";
import { retryWords } from "../state/retry-words.ts";
import { clean } from "../text/clean.ts";
import { wrap } from "../text/fit.ts";
import { identifier } from "../text/identifier.ts";
import { LANE_NAMES, laneWords } from "./lane-words.ts";
import { EMPTY_LINE, line, toned, type Line, type Tone } from "./line.ts";
import { page } from "./page.ts";
import { costWords } from "./cost-words.ts";

/** How we are connected, which ways in there are and why each is closed, and what would help the next time. */
export function entryPage(state: State): Line[] {
  const keys = [["Esc", "back"], ...keysOf(state)] as const;
  return page(state, "The way in", entryLines(state, state.size.width - 4), { keys, tellsTrouble: true });
}

/** The keys that do something about it now. */
function keysOf({ connection, entry, live, options }: State): (readonly [string, string])[] {
  const keys: (readonly [string, string])[] = [];
  const lane = live?.sample.server.lane;
  const leaves = lane !== undefined && lane !== "normal" && options.chosenLane === null;
  if (connection.kind === "lost" || leaves) keys.push(["E", "try now"]);
  if (entry.lastPlace) keys.push(["W", "take the last walsender place"]);
  return keys;
}

export function entryLines(state: State, width: number): Line[] {
  return [...now(state, width), EMPTY_LINE, ...lanes(state, width), EMPTY_LINE, ...nextTime(state, width)];
}

/** Before the first sample there is nothing else to show: the whole screen says why. */
export function lockedOut(state: State): Line[] {
  const { width, height } = state.size;
  const keys = [...keysOf(state), ["q", "quit"]].map(([key, does]) => [toned("key", key), ` ${does}  `]).flat();
  const body = entryLines(state, width - 2).map((one) => ({
    ...one,
    spans: [{ text: " ", tone: "normal" as const }, ...one.spans],
  }));
  // Keys and the next try stay in sight, however little room there is.
  return [...body.slice(0, Math.max(1, height - 2)), line(" ", ...keys)];
}

function now(state: State, width: number): Line[] {
  const { connection, entry } = state;
  const sample = moment(state)?.sample;
  if (connection.kind === "lost") {
    const [why, ...more] = entry.closed.filter(({ lane }) => lane === "normal").map(({ why }) => why);
    const said = why ?? connection.reason;
    return [
      line(toned("critical", "▲ Not in."), " ", toned("warn", sentence(retryWords(state)))),
      ...[said, ...more].flatMap((one) => text("title", one, width)),
      ...(entry.lastPlace ? text("warn", LAST_PLACE, width) : []),
    ];
  }
  if (sample === undefined) return text("title", "Connecting …", width);
  const { server } = sample;
  const words = laneWords(sample, state.options.chosenLane !== null);
  return [
    ...text(
      "title",
      `In by the ${LANE_NAMES[server.lane]} lane, as ${server.user}${words === null ? "" : `: ${words}`}.`,
      width,
    ),
    ...text("normal", sentence(MEANS[server.lane]), width),
    ...text("normal", sentence(costWords(sample, state.interval.actual)), width),
    ...(server.postmaster === null ? [] : hostLines(state, width)),
    ...(entry.lastPlace ? text("warn", LAST_PLACE, width) : []),
  ];
}

const LAST_PLACE =
  "The walsender lane is open, but by its last place: a standby or a backup that connects meanwhile would be refused. W takes it all the same, until a normal slot is free.";

/** What each lane is to the server. */
const MEANS: Readonly<Record<Lane, string>> = {
  normal: "one connection slot, kept for sampling, details and actions; no transaction stays open between two samples",
  rescue: "one connection slot of the role that --rescue names, given back as soon as a normal one is free",
  walsender: "one of max_wal_senders, no connection slot; everything works as in a normal slot",
  host: "no connection at all: processes, titles and configuration files of this machine; cancel and terminate are SIGINT and SIGTERM",
};

function hostLines(state: State, width: number): Line[] {
  const { postmaster } = moment(state)!.sample.server;
  const { pid, osUser, dataDirectory, limitsFrom, limitsDoubt } = postmaster!;
  const limits =
    limitsFrom === null
      ? `its limits are not known: only root and ${osUser} may read its configuration`
      : `its limits are from ${limitsFrom}${limitsDoubt === null ? "" : `, and may not be what it runs with: ${limitsDoubt}`}`;
  const where = dataDirectory === null ? "" : ` in ${dataDirectory}`;
  return text("normal", `Postmaster ${pid} of ${osUser}${where}; ${limits}.`, width);
}

function lanes(state: State, width: number): Line[] {
  const current = state.connection.kind === "lost" ? null : (moment(state)?.sample.server.lane ?? null);
  // Not twice on one page.
  const said = (why: string): string =>
    current === null && why === state.entry.closed[0]?.why ? "closed, see above" : why;
  const rows = LANES.flatMap((lane): Line[] => {
    // Two for one that was tried as two roles.
    const closed = state.entry.closed.filter((one) => one.lane === lane);
    if (lane === current) return row(lane, "ok", "we are in", width);
    if (closed.length > 0) return row(lane, "warn", closed.map(({ why }) => said(why)).join(" "), width);
    const { chosenLane } = state.options;
    const notChosen = chosenLane !== null && lane !== chosenLane;
    return row(lane, "muted", notChosen ? `not tried: --lane ${chosenLane}` : NOT_TRIED[lane], width);
  });
  return [line(toned("title", "Ways in, in the order in which they are tried")), ...rows];
}

const NOT_TRIED: Readonly<Record<Lane, string>> = {
  normal: "as you asked",
  rescue: "another role or road, where --rescue CONNINFO names one",
  walsender: "when no slot is free: for superusers and roles with REPLICATION, on PostgreSQL 12 and later",
  host: "without SQL, on the server's own machine: by itself when all else is closed, or with --lane host",
};

const HEAD_CELLS = 12;

function row(lane: Lane, tone: Tone, why: string, width: number): Line[] {
  return wrap([clean(why)], Math.max(10, width - HEAD_CELLS)).map((piece, i) =>
    line(
      toned(i === 0 ? "key" : "normal", `  ${i === 0 ? LANE_NAMES[lane] : ""}`.padEnd(HEAD_CELLS)),
      toned(tone, piece),
    ),
  );
}

/** Said while it hurts, so that it is done when it does not any more. */
function nextTime(state: State, width: number): Line[] {
  const server = moment(state)?.sample.server;
  const user = server === undefined || server.lane === "host" ? state.options.target.user : server.user;
  const role = identifier(user);
  const rows: (readonly [string, string])[] = [];
  // A superuser has all of it already; without SQL one goes by the name.
  if (server?.superusers.includes(user) !== true) {
    if (server?.lane !== "walsender")
      rows.push([`ALTER ROLE ${role} REPLICATION`, "opens the walsender lane (12 and later)"]);
    if (server?.rights.usesReserved !== true)
      rows.push([
        `GRANT pg_use_reserved_connections TO ${role}`,
        "gives a right to reserved_connections (16 and later)",
      ]);
  }
  rows.push([
    "CREATE ROLE rescue LOGIN REPLICATION IN ROLE pg_monitor, pg_signal_backend",
    "the least that --rescue needs to look and to end",
  ]);
  return [
    line(toned("title", "For the next time, if our role has not got it yet")),
    ...rows.flatMap(([sql, does]) => [
      ...wrap([clean(sql)], Math.max(10, width - 2)).map((piece) => line("  ", toned("key", piece))),
      ...wrap([does], Math.max(10, width - 4)).map((piece) => line("    ", toned("muted", piece))),
    ]),
  ];
}

function text(tone: Tone, words: string, width: number): Line[] {
  return words === "" ? [] : wrap([clean(words)], Math.max(10, width)).map((piece) => line(toned(tone, piece)));
}

function sentence(words: string): string {
  return words === "" ? "" : `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}
