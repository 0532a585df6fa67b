import { seesAllWaiters, untoldWaiters } from "../analysis/blocking.ts";
import { isLogicalWorker } from "../analysis/process-kind.ts";
import { levelNow } from "./slots-level.ts";
import type { Sample } from "../model/reading.ts";
import { clean } from "../text/clean.ts";
import { duration, plural } from "../text/format.ts";
import { lockPhrase } from "../text/lock-words.ts";
import { rollbackPrepared } from "../text/statements.ts";
import { piles, type Pile } from "./piles.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule, type Step } from "./rule.ts";
import { end, setForRole } from "./steps.ts";
import { listed, sessionName, short, stateWords } from "./words.ts";

/** So many that wait, or so long a wait in seconds, is an outage of what they belong to. */
const MANY = 10;
const LONG = 60;

export const lockPileUp: Rule = {
  id: "lock-pile-up",
  title: "five and more sessions that wait for locks behind one transaction, or behind DDL that waits itself",
  check: (context) => piles(context.sample).map((pile) => finding(pile, context)),
};

function finding(pile: Pile, { sample, thresholds }: Context): Finding {
  const { roots, waiters, longest, ddl } = pile;
  const long = (longest?.seconds ?? 0) >= LONG || waiters.length >= MANY;
  const critical = long || levelNow(sample, thresholds) === "critical";
  return {
    id: lockPileUp.id,
    about: roots[0]?.key ?? pile.prepared[0]?.gid ?? "prepared",
    severity: critical ? "critical" : "warning",
    title: `${counted(pile, sample)} behind ${rootWords(pile, sample)}`,
    evidence: evidence(pile, sample),
    next: steps(pile),
    avoid: avoid(pile),
    sessions: [...roots, ...(ddl === null ? [] : [ddl.backend])].slice(0, MOST_SESSIONS),
  };
}

function counted({ waiters }: Pile, sample: Sample): string {
  const atLeast = seesAllWaiters(sample) ? "" : "at least ";
  return `${atLeast}${waiters.length} sessions wait`;
}

function rootWords({ roots, prepared, heldByPrepared }: Pile, sample: Sample): string {
  const [root] = roots;
  const others = roots.length - 1 + (heldByPrepared && root !== undefined ? 1 : 0);
  const more = others > 0 ? `, and ${plural(others, "other")}` : "";
  if (root !== undefined) return `${sessionName(root)}, ${stateWords(root, sample)}${more}`;
  const [one] = prepared;
  if (one === undefined) return "a prepared transaction";
  const age = duration(sample.serverSeconds - one.preparedSeconds);
  if (prepared.length > 1) return `one of ${prepared.length} prepared transactions, the first ${short(one.gid)}`;
  return `the prepared transaction ${short(one.gid)}, ${age} old`;
}

function evidence({ roots, ddl, queues, longest }: Pile, sample: Sample): string[] {
  const said: string[] = [];
  const root = roots[0];
  if (longest !== null)
    said.push(
      longest.exact
        ? `the longest wait has lasted ${duration(longest.seconds)}`
        : `the longest wait has lasted ${duration(longest.seconds)} at most, the age of its query`,
    );
  if (queues.length > 0)
    said.push(`waited for: ${listed(queues.map((queue) => `${clean(lockPhrase(queue))} (${queue.waiters.length})`))}`);
  if (ddl !== null)
    said.push(
      `${ddl.behind} of them stand behind ${ddl.kind} of ${sessionName(ddl.backend)}, which waits itself and has changed nothing yet`,
    );
  if (root !== undefined && root.query !== "") said.push(`the last query of ${root.pid}: ${short(root.query, 120)}`);
  if (roots.length > 1) said.push(`in the way as well: ${listed(roots.slice(1).map(sessionName))}`);
  const untold = untoldWaiters(sample);
  if (untold > 0)
    said.push(`${plural(untold, "more session waits", "more sessions wait")}, and it is not told for whom`);
  return said;
}

function steps({ roots, prepared, heldByPrepared, ddl }: Pile): Step[] {
  const steps: Step[] = [];
  if (ddl !== null) {
    const { backend, kind, behind } = ddl;
    const free = behind === 1 ? "the one behind it goes on" : `the ${behind} behind it go on`;
    steps.push(end("cancel", backend, `cancel the waiting ${kind} of ${sessionName(backend)} first: ${free}`));
  }
  for (const root of roots.slice(0, 3)) {
    if (root.backendType === null) steps.push({ text: `find out what ${root.pid} does: it is hidden from our role` });
    else if (root.backendType === "startup")
      steps.push({
        text: "end the transaction on the primary that holds the lock: replay takes it here, and no signal ends it",
      });
    else if (isLogicalWorker(root.backendType ?? ""))
      steps.push({
        text: `wait until ${root.pid} has applied the transaction of the publisher that it is at: ended, it begins anew, and takes the same locks again`,
      });
    else if (root.state === "active") steps.push(end("cancel", root, `cancel the query of ${sessionName(root)}`));
    else steps.push(end("terminate", root, `terminate ${sessionName(root)}: its transaction rolls back`));
  }
  for (const { gid, database, owner } of prepared.slice(0, 3)) {
    const where = `in database ${short(database)}, as ${short(owner)} or a superuser`;
    const sql = `${rollbackPrepared(gid)};`;
    steps.push({ text: `unless its coordinator is to commit it, roll it back ${where}`, sql });
  }
  if (heldByPrepared && prepared.length === 0)
    steps.push({ text: "see which prepared transactions there are", sql: "SELECT * FROM pg_prepared_xacts;" });
  const [root] = roots;
  if (ddl !== null)
    steps.push({
      text: "let DDL give up instead of queueing: before it, in its session",
      sql: "SET lock_timeout = '3s';",
    });
  else if (root?.state === "idle in transaction" && !isLogicalWorker(root.backendType ?? ""))
    steps.push(setForRole(root.user, TIMEOUT, "5min", "let no transaction be forgotten for hours again"));
  return steps;
}

function avoid({ roots, heldByPrepared, ddl }: Pile): string[] {
  const said = [`do not end the ${ddl === null ? "ones" : "others"} that wait: more take their place`];
  if (roots.some(({ state }) => state === "idle in transaction"))
    said.push("do not cancel what is idle in transaction: no query is running, so a cancel does nothing");
  if (heldByPrepared) said.push("do not look for a session to end: a prepared transaction has none");
  if (ddl !== null)
    said.push("do not start the DDL again before what it waits for is over: everybody would queue behind it again");
  return said.slice(0, 3);
}

const TIMEOUT = "idle_in_transaction_session_timeout";
