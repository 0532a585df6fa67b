import type { Backend } from "./model/backend.ts";
import type { Source } from "./source/postgres.ts";
import type { Message } from "./state/message.ts";

/** What is asked beside the samples, on the same connection: the answers come as messages. */
export interface Questions {
  fetchQuery(backend: Backend): void;
  fetchHoldings(backend: Backend): void;
  /** The tables with the most dead rows. */
  fetchDeadTuples(): void;
}

/** @param source the one that is open now: without one nothing is asked, and nothing is answered */
export function questions(
  source: () => Source | null,
  emit: (message: Message) => void,
  log: (sentence: string, error: unknown) => void,
): Questions {
  return {
    fetchQuery(backend) {
      const answer = (query: string | null, queryStartSeconds: number | null): void =>
        emit({ kind: "query", detail: { key: backend.key, queryStartSeconds, query }, at: Date.now() });
      source()
        ?.wholeQuery(backend)
        .then(
          (whole) => answer(whole?.query ?? null, whole?.queryStartSeconds ?? backend.queryStartSeconds),
          (error: unknown) => log("no query text", error),
        );
    },
    fetchHoldings(backend) {
      source()
        ?.holdings(backend)
        .then(
          (holdings) => emit({ kind: "holdings", key: backend.key, holdings, at: Date.now() }),
          (error: unknown) => {
            log("no holdings", error);
            emit({ kind: "holdings", key: backend.key, holdings: null, at: Date.now() });
          },
        );
    },
    fetchDeadTuples() {
      source()
        ?.deadTuples()
        .then(
          (tables) => emit({ kind: "dead-tuples", tables, at: Date.now() }),
          (error: unknown) => {
            log("no dead tuples", error);
            emit({ kind: "dead-tuples", tables: "failed", at: Date.now() });
          },
        );
    },
  };
}
