import { blockTree, type BlockNode } from "../analysis/block-tree.ts";
import { behind, seesAllWaiters } from "../analysis/blocking.ts";
import { inTheWay, type InTheWay } from "../analysis/in-the-way.ts";
import { lockWaits } from "../analysis/lock-waits.ts";
import { applyLeader, isLogicalWorker } from "../analysis/process-kind.ts";
import { releasedBy } from "../analysis/released.ts";
import { inTransactionBlock } from "../analysis/transaction-block.ts";
import { isClient, isHidden, type Backend } from "../model/backend.ts";
import type { PreparedXact } from "../model/horizon.ts";
import { secondsSince, type Sample } from "../model/reading.ts";
import type { BlockingRow } from "../state/blocking-rows.ts";
import { rollback } from "../state/prepared.ts";
import { cleanLines } from "../text/clean.ts";
import { duration, plural } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { literal } from "../text/literal.ts";
import { parallelApplyWords } from "../text/process-words.ts";
import type { Line } from "./line.ts";
import { forWords, idWords, lockWords, waitedWords } from "./lock-words.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";
import { whoWords } from "./target-words.ts";

/** About the selected row, in sentences: what it waits for, who is in its way, who waits behind it, and what to end first. */
export function blockingBelow(row: BlockingRow | null, sample: Sample, width: number, height: number): Line[] {
  if (row === null) return [];
  const told = row.kind === "more" ? moreWords(row.of, row.rest, sample) : nodeWords(row.node, sample);
  return sentenceLines(told, width, height);
}

function nodeWords(node: BlockNode, sample: Sample): Sentence[] {
  const { who } = node;
  switch (who.kind) {
    case "backend":
      return backendWords(node, who.backend, sample);
    case "prepared":
      return [...preparedWords(who.prepared, sample), ...behindWords(node, sample)];
    case "absent":
      return [
        normal(`${who.pid} is not in this sample: it has ended, or come, while it was read. The next one tells more.`),
        ...behindWords(node, sample),
      ];
    case "untold":
      return untoldWords(node, sample);
  }
}

function backendWords(node: BlockNode, backend: Backend, sample: Sample): Sentence[] {
  const state = isHidden(backend) ? "what it does is hidden from our role" : stateWords(backend, sample);
  const query = isHidden(backend) || backend.query === "" ? [] : cleanLines(backend.query.trim()).map(muted);
  return [
    { tone: "title", text: `${backend.pid}  ${whoWords(backend)}   ${state}` },
    ...(node.waits ? waitsWords(node, backend, sample) : []),
    ...behindWords(node, sample),
    ...applyingWords(backend),
    ...(node.waits || isHidden(backend) ? [] : endingWords(backend)),
    ...firstWords(node),
    ...query,
  ];
}

function stateWords(backend: Backend, sample: Sample): string {
  const aged = (what: string, since: number | null): string =>
    since === null ? what : `${what} ${duration(secondsSince(since, sample))}`;
  const xact = backend.xactStartSeconds === null ? "" : `, ${aged("transaction", backend.xactStartSeconds)}`;
  return `${aged(backend.state ?? backend.backendType ?? "", backend.stateChangeSeconds)}${xact}`;
}

function waitsWords({ id, inRing, workers }: BlockNode, backend: Backend, sample: Sample): Sentence[] {
  const blockers = lockWaits(sample).blockers.get(id) ?? [];
  const ways = new Map<InTheWay, number[]>();
  for (const blocker of blockers) {
    const way = inTheWay(sample, id, blocker);
    ways.set(way, [...(ways.get(way) ?? []), blocker]);
  }
  const holder = ways.get("hard")?.[0] ?? null;
  const whose = workers === 0 ? "It waits" : `Its parallel query waits (${plural(workers, "worker")})`;
  const sentences: Sentence[] = [
    { tone: "waiting", text: `${whose} for ${lockWords(sample, id, holder)}; ${waitedWords(sample, id)}.` },
  ];
  for (const [way, words] of WAYS) {
    const ids = ways.get(way);
    if (ids !== undefined) sentences.push(normal(`${words}: ${named(ids, sample)}.`));
  }
  if (blockers.length > 0 && backend.blockedBy.length === 0 && workers === 0)
    sentences.push(muted("It was not asked itself: that is told of the first ones in the same queue."));
  if (inRing)
    sentences.push({
      tone: "critical",
      text: "Those that it waits for wait for it: after deadlock_timeout the server cancels one of them, unless another order of the queue helps.",
    });
  return sentences;
}

const WAYS: readonly (readonly [InTheWay, string])[] = [
  ["hard", "In its way"],
  ["soft", "Ahead in the queue, waiting itself, and holding nothing of it yet"],
  ["ahead", "Ahead in the queue, waiting itself"],
  ["unknown", "In its way, waiting itself"],
];

const NAMED = 6;

function named(ids: readonly number[], sample: Sample): string {
  const names = ids.slice(0, NAMED).map((id) => idWords(sample, id));
  return ids.length <= NAMED ? names.join(", ") : `${names.join(", ")} and ${ids.length - NAMED} more`;
}

function behindWords(node: BlockNode, sample: Sample): Sentence[] {
  const direct = lockWaits(sample).direct.get(node.id) ?? [];
  if (direct.length === 0) return [];
  const atLeast = seesAllWaiters(sample) ? "" : "At least ";
  const longest = node.id > 0 ? behind(sample, [node.id]).longest : null;
  const many = node.behind === 1 ? "1 waits" : `${node.behind} wait`;
  const directly = direct.length === node.behind ? "" : `, ${direct.length} of them directly`;
  const age = longest === null ? "" : `, the longest ${forWords(longest)}`;
  const soft = node.waits && direct.every((waiter) => inTheWay(sample, waiter, node.id) === "soft");
  return [
    normal(`${atLeast}${many} behind it${directly}${age}. ${releasedWords(node, sample)}`),
    ...(soft ? [normal("It holds nothing that they want: it only stands ahead of them in the queue.")] : []),
  ];
}

function releasedWords({ id, behind: all }: BlockNode, sample: Sample): string {
  const { atOnce, inTurn, held } = releasedBy(sample, id);
  if (atOnce + inTurn === 0) return "Its end sets nobody free: they wait for others as well.";
  if (atOnce === all) return all === 1 ? "Its end sets it free." : "Its end sets all of them free at once.";
  const turn = inTurn === 0 ? "" : `, ${inTurn} in turn`;
  return `Its end sets ${atOnce} free at once${turn}${held === 0 ? "" : `; ${held} wait for others as well`}.`;
}

function applyingWords(backend: Backend): Sentence[] {
  const leader = applyLeader(backend);
  return leader === null ? [] : parallelApplyWords(leader).map(normal);
}

/** What can be done to one who waits for nobody. */
function endingWords(backend: Backend): Sentence[] {
  const { state, backendType, query } = backend;
  if (state === "idle in transaction" || state === "idle in transaction (aborted)")
    return [normal("It runs no query, so a cancel does nothing to it: terminate ends its transaction.")];
  if (backendType === "autovacuum worker" && query.includes("to prevent wraparound"))
    return [normal("It does not give way, and begins again when it is ended.")];
  if (backendType === "startup")
    return [
      normal("It replays what the primary did. The lock goes when the transaction there ends; no signal ends it."),
    ];
  if (backendType !== null && isLogicalWorker(backendType) && applyLeader(backend) === null)
    return [normal("It does what was done on the publisher, and begins it anew when it is ended.")];
  if (state === "active" && isClient(backend) && inTransactionBlock(backend))
    return [
      normal(
        "A cancel fails its transaction, and with it goes what it holds, but for what it took before a SAVEPOINT: that stays until its client rolls back.",
      ),
    ];
  return [];
}

/** Waiting DDL is what costs the least to end, where others wait for nothing but its turn. */
function firstWords(node: BlockNode): Sentence[] {
  let worst: BlockNode | null = null;
  const open: BlockNode[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.ddl !== null && (worst === null || next.under > worst.under)) worst = next;
    // Whoever has nobody under it is not worth a look: of a thousand, nearly all.
    for (const child of next.children) if (child.under > 0) open.push(child);
  }
  if (worst === null) return [];
  const { ddl, id, under } = worst;
  const many = `${under} ${under === 1 ? "waits" : "wait"} behind it`;
  const which = id === node.id ? "this" : String(id);
  const text = ddl!.changedNothing
    ? `First cancel ${which}: its ${ddl!.kind} waits and has changed nothing yet, and ${many}.`
    : `Look at ${which} first: its ${ddl!.kind} waits, and ${many}; its transaction may have written before.`;
  return [{ tone: "warn", text }];
}

function preparedWords(prepared: PreparedXact | null, sample: Sample): Sentence[] {
  if (prepared === null)
    return [normal("A prepared transaction: see pg_prepared_xacts, and ROLLBACK PREPARED ends it.")];
  const { gid, owner, database, preparedSeconds } = prepared;
  const age = duration(secondsSince(preparedSeconds, sample));
  return [
    { tone: "title", text: `Prepared transaction ${literal(gid)} of ${owner} in ${database}, ${age} old` },
    normal("No session stands behind it, so no signal ends it. Unless it is to be committed, run in psql:"),
    { tone: "key", text: `\\c ${identifier(database)}` },
    { tone: "key", text: `${rollback(prepared)};` },
  ];
}

function untoldWords(node: BlockNode, sample: Sample): Sentence[] {
  const many = `${node.under} ${node.under === 1 ? "waits" : "wait"} for a lock, and it is not told behind whom`;
  if (sample.server.lane === "host") return [normal(`${many}: without SQL nobody tells.`)];
  return [
    normal(
      `${many}: nobody in the same queue was asked, as only the longest waiting ones are, or they are hidden from our role.`,
    ),
  ];
}

function moreWords(of: BlockNode, rest: readonly BlockNode[], sample: Sample): Sentence[] {
  const root = blockTree(sample).roots.includes(of) && of.who.kind === "untold";
  const whom = root ? "" : ` behind ${idWords(sample, of.id)}`;
  return [normal(`${plural(rest.length, "more session")} waiting${whom}; unfold the row to see each of them.`)];
}

function normal(text: string): Sentence {
  return { tone: "normal", text };
}

function muted(text: string): Sentence {
  return { tone: "muted", text };
}
