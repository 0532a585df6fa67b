import type { EventEmitter } from "node:events";
import type { Client } from "pg";
import type { TextRow } from "./decode.ts";
import { failedStatement, isStatementError } from "./failed-statement.ts";
import { bind, statement, type StatementName } from "./statement.ts";

export type Ask =
  StatementName | { readonly name: StatementName; readonly values: readonly (string | number | null)[] };

/** The rows of each statement by its name; of what was not asked there are none. */
export type Rows = Record<StatementName, TextRow[]>;

/** Several statements in one message of the simple protocol. What the server refuses rejects with a StatementError. */
export type RoundTrip = (asks: readonly Ask[]) => Promise<Rows>;

/** Longer than the statement_timeout of session.sql: what takes longer than this hangs in the network. */
const ANSWER_MS = 8000;
/** Everything stays the text that came: what a number is, decode.ts knows. */
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };

/** `giveUp` is called when no answer came: what has been asked must not be answered any more. */
export function roundTrips(client: Client, major: number, giveUp: () => void): RoundTrip {
  // The driver's declarations know neither several answers nor rows of nothing but text.
  const ask = client.query.bind(client) as unknown as (config: object) => Promise<Answer | Answer[]>;
  const { connection } = client as unknown as { readonly connection: EventEmitter };
  return async (asks) => {
    const texts: string[] = [];
    const names: StatementName[] = [];
    for (const one of asks) {
      const { name, values } = typeof one === "string" ? { name: one, values: [] } : one;
      const text = statement(name, major);
      texts.push(bind(text, values));
      // session.sql is several statements, and each one answers.
      for (let n = text.split(";").length; n > 0; n--) names.push(name);
    }
    let ended = 0;
    const oneMore = (): void => void ended++;
    connection.on("commandComplete", oneMore);
    try {
      const answer = await ask({
        text: texts.join(";\n"),
        rowMode: "array",
        types: TEXT_ONLY,
        query_timeout: ANSWER_MS,
      });
      const results = Array.isArray(answer) ? answer : [answer];
      return Object.fromEntries(results.map((result, i) => [names[i], result.rows])) as Rows;
    } catch (error) {
      if (!isStatementError(error)) giveUp();
      else throw Object.assign(error, { statement: failedStatement(names, ended, error) });
      throw error;
    } finally {
      connection.off("commandComplete", oneMore);
    }
  };
}

interface Answer {
  readonly rows: TextRow[];
}
