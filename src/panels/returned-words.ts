import type { Outcome } from "../state/outcome.ts";
import { RETURN_SECONDS, type Returned } from "../state/returned.ts";
import { plural } from "../text/format.ts";

/** What ending sessions has brought: whether slots are free, or whether a source has taken them again. */
export interface Accounting {
  /** A sentence. */
  readonly words: string;
  /** As much of it as a narrow screen has room for; the verdict comes first. */
  readonly short: string;
  /** Nothing was won. */
  readonly inVain: boolean;
}

/** Null while it is too early to say, and where no slots were to be won. */
export function accounting({ phase, returned, order, failure }: Outcome): Accounting | null {
  // Whether it was us that ended them nobody knows: nothing to account for.
  if (failure !== null) return null;
  const sum = (of: (source: Returned) => number): number => returned.reduce((total, source) => total + of(source), 0);
  const ended = sum((source) => source.ended);
  const came = sum((source) => source.came);
  if (ended === 0 || (came === 0 && phase !== "over")) return null;
  if (came === 0) {
    const slots = plural(ended, "slot");
    return {
      words: `${ended} ended, none came back within ${RETURN_SECONDS} s: ${slots} free`,
      short: `${slots} free, none came back`,
      inVain: false,
    };
  }
  const net = ended - came;
  const verdict = net < 0 ? `${plural(-net, "slot")} more used than before` : `net ${plural(net, "slot")}`;
  // One session of a pool that comes back may be what was wanted: its transaction is over. Several that do are a source.
  const stop = net <= 0 && order.targets.length > 1 ? " Stop the source." : "";
  const from = fromWords(returned);
  return {
    words: `${ended} ended, ${came} came back from ${from}: ${verdict}${stop === "" ? "" : `.${stop}`}`,
    short: `${verdict}: ${ended} ended, ${came} came back${stop === "" ? "" : `.${stop}`}`,
    inVain: net <= 0,
  };
}

/** The worst source by name: somebody has to be called. */
function fromWords(returned: readonly Returned[]): string {
  const sources = returned.filter(({ came }) => came > 0).sort((a, b) => b.came - a.came);
  const [worst] = sources as [Returned, ...Returned[]];
  const more = sources.length > 1 ? ` and ${plural(sources.length - 1, "more source")}` : "";
  const seconds = worst.firstSeconds === null ? "" : ` in ${secondsWords(worst.firstSeconds)}`;
  return `${sourceName(worst)}${seconds}${more}`;
}

function sourceName({ application, user, client }: Returned): string {
  const name = application === null || application === "" ? (user ?? "?") : application;
  return client === null ? name : `${name}@${client}`;
}

/** A pool is back within hundredths of a second, a supervisor within seconds. */
function secondsWords(seconds: number): string {
  return `${seconds < 0.995 ? Math.max(0.01, seconds).toFixed(2) : seconds.toFixed(1)} s`;
}
