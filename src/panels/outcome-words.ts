import type { Answer, Verdict } from "../model/action.ts";
import type { Server } from "../model/server.ts";
import type { Outcome } from "../state/outcome.ts";
import { clean } from "../text/clean.ts";
import { textWidth } from "../text/width.ts";
import type { Tone } from "./line.ts";
import { accounting } from "./returned-words.ts";
import { failureWords, goneWords, grantWords, STILL_THERE, targetWords, withinWords } from "./target-words.ts";

/**
 * What came of an order, in one sentence: "terminated within 0.3 s", "12 of 17 sent: 11 ended within 0.3 s, 1 still there after 5 s".
 *
 * @param server the one that was shown last, for what would have to be granted.
 */
export function outcomeWords(outcome: Outcome, server: Server | null): string {
  return [saidOf(outcome, server), accounting(outcome)?.words ?? ""].filter((part) => part !== "").join("; ");
}

/** The same with its order, as one line of so many cells: what it cost or brought stays when there is no room for all of it. */
export function resultWords(outcome: Outcome, server: Server | null, cells: number): string {
  const said = saidOf(outcome, server);
  const brought = accounting(outcome);
  const rest = unfinished(outcome);
  const choices = [withOrder(outcome, outcomeWords(outcome, server))];
  if (brought !== null) {
    for (const words of [brought.words, brought.short]) {
      const all = [words, rest].filter((part) => part !== "").join("; ");
      choices.push(withOrder(outcome, all), all);
    }
  } else choices.push(withOrder(outcome, said), said, ...shorter(outcome));
  return choices.find((words) => textWidth(clean(words)) <= cells) ?? choices.at(-1)!;
}

export function outcomeTone(outcome: Outcome): Tone {
  const { order, answers, failure, done, stillThere, restarted } = outcome;
  if (failure !== null) return "critical";
  if (answers === null) return "title";
  const sent = verdicts(answers.answers).get("sent") ?? 0;
  if (sent === 0) return "critical";
  if (stillThere > 0 || restarted || sent < order.targets.length || accounting(outcome)?.inVain === true) return "warn";
  return done.size === sent ? "ok" : "title";
}

/** "terminate 30412: terminated within 0.3 s", "terminate 30412 not sent: 30412 is gone". */
function withOrder({ order }: Outcome, words: string): string {
  return /^(?:not|may have been) sent/.test(words) ? `${order.typed} ${words}` : `${order.typed}: ${words}`;
}

function saidOf(outcome: Outcome, server: Server | null): string {
  const { order, stillThere } = outcome;
  if (order.targets.length > 1) return groupWords(outcome, server);
  const words = targetWords(outcome, order.targets[0]!, server);
  return stillThere === 0 || outcome.failure !== null ? words : `${words}: ${NEXT[order.action]}`;
}

const NEXT = {
  cancel: "x terminates",
  terminate: "the signal waits until it can be heard; kill -9 would restart the whole server",
} as const;

function shorter({ order, stillThere, failure }: Outcome): string[] {
  if (stillThere === 0 || failure !== null || order.targets.length > 1 || order.action === "cancel") return [];
  const still = `${order.targets[0]!.pid} ${STILL_THERE}`;
  return [`${still}; not kill -9: it restarts the server`, still];
}

function groupWords(outcome: Outcome, server: Server | null): string {
  const { order, answers, failure, done, restarted } = outcome;
  if (failure !== null) {
    const words = failureWords(failure, null, undefined);
    return done.size === 0 ? words : `${words}; ${done.size} over since`;
  }
  if (answers === null) return "sending …";
  const all = order.targets.length;
  const counts = verdicts(answers.answers);
  const sent = counts.get("sent") ?? 0;
  const parts: string[] = [];
  // Where there is an account of it, that says how many have ended.
  if (done.size > 0 && accounting(outcome) === null) {
    const within = withinWords(Math.max(...done.values()));
    const ended = order.action === "cancel" ? "over" : "ended";
    parts.push(`${done.size} ${restarted ? goneWords(outcome, server) : `${ended} within ${within}`}`);
  }
  const rest = unfinished(outcome);
  if (rest !== "") parts.push(rest);
  // The account says of how many that is.
  if (sent === all && accounting(outcome) !== null) return rest;
  const head = sent === all ? `${sent} sent` : sent === 0 ? `none of ${all} sent` : `${sent} of ${all} sent`;
  const others = othersWords(outcome, counts, server);
  const told = parts.length === 0 ? head : `${head}: ${parts.join(", ")}`;
  return others === "" ? told : sent === 0 ? `${told}: ${others}` : `${told}; ${others}`;
}

/** Who is as if nothing had been. */
function unfinished({ order, stillThere }: Outcome): string {
  if (stillThere === 0 || order.targets.length === 1) return "";
  return `${stillThere} ${STILL_THERE}`;
}

/** Those to whom nothing was sent, and why. What has to be granted is the same for most: it is said of the first. */
function othersWords({ order, answers }: Outcome, counts: ReadonlyMap<Verdict, number>, server: Server | null): string {
  const first = answers?.answers.find(({ verdict }) => verdict === "refused")?.key;
  const refused = order.targets.find(({ key }) => key === first);
  const words: readonly (readonly [Verdict, string])[] = [
    ["gone", "gone before"],
    ["changed", "had changed"],
    ["reused", "whose pid is another session's"],
    ["hidden", "hidden from our role"],
    ["protected", "protected"],
    ["late", "too late"],
    ["refused", `refused${refused === undefined ? "" : grantWords(refused, order.action, server)}`],
  ];
  return words.flatMap(([verdict, said]) => (counts.has(verdict) ? [`${counts.get(verdict)} ${said}`] : [])).join(", ");
}

function verdicts(answers: readonly Answer[]): Map<Verdict, number> {
  const counts = new Map<Verdict, number>();
  for (const { verdict } of answers) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}
