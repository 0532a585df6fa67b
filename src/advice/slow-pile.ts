import { duration } from "../text/format.ts";
import { MOST_SESSIONS, type Context, type Finding, type Rule, type Step } from "./rule.ts";
import { levelNow } from "./slots-level.ts";
import { slowPiles, type SlowPile } from "./slow-piles.ts";
import { grouped } from "./sources.ts";
import { setForRole } from "./steps.ts";
import { applications, short, sizes, tallied, waitEventWords } from "./words.ts";

export const slowPile: Rule = {
  id: "slow-pile",
  title:
    "five and more sessions that run the same query, none of them done after seconds: a plan that has changed, or statistics that are out of date",
  check: (context) =>
    slowPiles(context.sample, context.ages)
      .slice(0, MOST)
      .map((pile) => finding(pile, context)),
};

const MOST = 3;

function finding({ shape, running }: SlowPile, { sample, thresholds }: Context): Finding {
  const [longest] = running as readonly [SlowPile["running"][0], ...SlowPile["running"]];
  const { queryId, query } = longest.backend;
  const backends = running.map(({ backend }) => backend);
  const waits = grouped(backends, waitEventWords);
  return {
    id: slowPile.id,
    about: shape,
    severity: levelNow(sample, thresholds) === "critical" ? "critical" : "warning",
    title: `${running.length} sessions run the same query, each for ${lengths(running)}, without waiting for a lock`,
    evidence: [
      `they wait for: ${tallied(sizes(waits))}`,
      `by application: ${applications(backends)}`,
      `the query${queryId === null ? "" : ` (query_id ${queryId})`}: ${short(query, 120)}`,
    ],
    next: steps(longest.backend),
    avoid: [
      "do not terminate them: a cancel ends the query and lets the session live, and the client tries again anyway",
    ],
    sessions: backends.slice(0, MOST_SESSIONS),
  };
}

function lengths(running: SlowPile["running"]): string {
  const [longest, shortest] = [duration(running[0]!.seconds), duration(running.at(-1)!.seconds)];
  return longest === shortest ? longest : `${shortest} to ${longest}`;
}

function steps({ queryId, user }: SlowPile["running"][0]["backend"]): Step[] {
  const steps: Step[] = [
    {
      text: "look at its plan: EXPLAIN it with the values that it has now; ANALYZE its tables if the row counts are far off",
    },
  ];
  if (queryId !== null)
    steps.push({
      text: "see whether it was always slow, where pg_stat_statements is installed",
      sql: `SELECT calls, mean_exec_time, max_exec_time, query FROM pg_stat_statements WHERE queryid = ${queryId};`,
    });
  steps.push(
    { text: "room for now: cancel the longest running of them" },
    setForRole(user, "statement_timeout", "30s", "let no query of this role run longer than anybody waits for it"),
  );
  return steps;
}
