import type { Server } from "../model/server.ts";
import { plural, span } from "../text/format.ts";
import { identifier } from "../text/identifier.ts";
import { isShort, LEAST_POOL, LEAST_SECONDS, neededSize, poolSize, type Concurrency } from "./pool-size.ts";

/** What a pool has that nobody has reckoned. */
export const USUAL_POOL = 20;

export const USUAL_POOL_WORDS = "1000 clients do well on 20 to 50 backends";

/** "18 would do, by what was at work"; or why nobody can say, in half a line. */
export function poolAdvice(concurrency: Concurrency | null, server: Pick<Server, "user">): string {
  const size = poolSize(concurrency);
  if (concurrency === null || size === null) return unknownWords(concurrency, server);
  const seen = isShort(concurrency) ? `, seen for ${span(concurrency.seconds)} only` : ", by what was at work";
  return size > neededSize(concurrency) ? `${size} would do: fewer make others wait` : `${size} would do${seen}`;
}

/** What the size of a pool rests on, without a full stop. */
export function poolWords(concurrency: Concurrency | null, server: Pick<Server, "user">): string {
  return concurrency === null || poolSize(concurrency) === null
    ? `how many backends it needs is ${unknownWords(concurrency, server)}; ${USUAL_POOL_WORDS}`
    : `${seenWords(concurrency)}; ${USUAL_POOL_WORDS}`;
}

/** The same of a pool that is shared out among several pairs of role and database, of which the usual size says nothing. */
export function sharedPoolWords(concurrency: Concurrency | null, server: Pick<Server, "user">): string {
  return concurrency === null || poolSize(concurrency) === null
    ? poolWords(concurrency, server)
    : seenWords(concurrency);
}

function unknownWords(concurrency: Concurrency | null, { user }: Pick<Server, "user">): string {
  if (concurrency === null) return "not known yet";
  const { unseen, seconds, samples } = concurrency;
  if (unseen === null)
    return `not known yet: seen for ${span(seconds)}${seconds < LEAST_SECONDS ? "" : `, in ${plural(samples, "sample")}`} only`;
  const whose =
    unseen.sessions === 0 ? "sessions of other roles do" : plural(unseen.sessions, "session does", "sessions do");
  return unseen.why === "hidden"
    ? `unknown, because what ${whose} is hidden: GRANT pg_monitor TO ${identifier(user)}`
    : `unknown, because what ${whose} is not tracked: track_activities is off`;
}

function seenWords(concurrency: Concurrency): string {
  const { p95, most, seconds, inTransaction } = concurrency;
  const seen = `${p95} at work in 95 of 100 samples, ${most} at most, in the last ${span(seconds)}`;
  const resting = inTransaction < 0.05 ? "" : ` and ${inTransaction.toFixed(1)} resting in a transaction`;
  const needed = neededSize(concurrency);
  const least =
    needed < LEAST_POOL
      ? `, and no less than ${LEAST_POOL} is advised: in a pool of a few, as many slow queries stop everybody`
      : "";
  const short = isShort(concurrency) ? `, which were seen for ${span(seconds)} only` : "";
  return `${seen}${resting}: with half as many again that is ${needed}${least}${short}`;
}
