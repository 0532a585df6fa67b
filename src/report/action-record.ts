import { clientName } from "../analysis/client-name.ts";
import type { Backend } from "../model/backend.ts";
import { outcomeWords } from "../panels/outcome-words.ts";
import type { Outcome } from "../state/outcome.ts";

/**
 * An action and what is known of it so far, for one line of the log; the same `id` comes again with each phase. Who did what to whom, and
 * no query texts: these may hold secrets that a log must not keep. What is not known is null. Texts are raw: the log makes them harmless.
 */
export function actionRecord(outcome: Outcome): object {
  const { order, answers, failure, server } = outcome;
  const verdicts = new Map(answers?.answers.map(({ key, verdict }) => [key, verdict]));
  return {
    what: "action",
    id: order.id,
    phase: outcome.phase,
    action: order.action,
    phrase: order.typed,
    orderedAt: new Date(order.at).toISOString(),
    server: {
      host: server.host,
      port: server.port,
      database: server.database,
      user: server.user,
      version: server.version,
      role: server.role,
    },
    targets: order.targets.map((target) => ({
      ...identity(target),
      verdict: verdicts.get(target.key) ?? null,
      doneSeconds: rounded(outcome.done.get(target.key) ?? null),
    })),
    stillThere: outcome.stillThere,
    returned: outcome.returned.map(({ user, database, application, client, ended, came, firstSeconds }) => ({
      ...{ role: user, database, application, client, ended, came },
      firstSeconds: rounded(firstSeconds),
    })),
    failure: failure === null ? null : { reason: failure.reason, unknown: failure.unknown },
    restarted: outcome.restarted,
    said: outcomeWords(outcome, server),
  };
}

/** As it was shown when the phrase was typed. */
function identity(target: Backend): object {
  const { pid, backendStart, backendType, user, database, application, clientAddress, clientPort, state } = target;
  const port = clientAddress === null || clientPort === null ? "" : `:${clientPort}`;
  const client = clientName(target);
  return {
    ...{ pid, backendStart, backendType, role: user, database, application },
    client: client === null ? null : `${client}${port}`,
    state,
  };
}

/** To the millisecond. */
function rounded(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000;
}
