import { settingChange } from "../analysis/setting-change.ts";
import type { Action } from "../model/action.ts";
import { isNamedByKernel, type Backend } from "../model/backend.ts";
import type { Server } from "../model/server.ts";
import { identifier } from "../text/identifier.ts";
import { literal } from "../text/literal.ts";
import { statementsOf, type Step } from "./rule.ts";

/** A step that ends a query or a session. By its pid and its start: a pid may have become another's until it is pasted. */
export function end(action: Action, backend: Backend, text: string): Step {
  const { pid, backendStart } = backend;
  if (backendStart === null || isNamedByKernel(backend)) return { text };
  const sql = `SELECT pg_${action}_backend(pid) FROM pg_stat_activity WHERE pid = ${pid} AND backend_start = ${literal(backendStart)};`;
  return { text, sql };
}

/** A step that changes a setting for everybody; where no statement does, it says what does. */
export function change(setting: string, value: string, text: string, server: Server, context?: string): Step {
  const { statements, but } = settingChange(setting, value, server, context);
  const [sql, thenSql] = statements;
  return {
    text: but === null ? text : `${text}; ${but}`,
    ...(sql !== undefined && { sql }),
    ...(thenSql !== undefined && { thenSql }),
  };
}

/** In one line: what to do, and by which statements one after the other. */
export function stepWords(step: Step): string {
  const statements = statementsOf(step);
  return statements.length === 0 ? step.text : `${step.text}: ${statements.join(" then ")}`;
}

/** Sessions that are there already keep what they have. */
export function setForRole(role: string | null, setting: string, value: string, text: string): Step {
  return role === null ? { text } : { text, sql: `ALTER ROLE ${identifier(role)} SET ${setting} = ${literal(value)};` };
}

/** How pooling is advised where connections, and not queries, are the trouble. */
export const POOLER: Step = {
  text: "put PgBouncer in front, pool_mode = transaction: 1000 clients do well on 20 to 50 backends",
};

export const NOT_MAX_CONNECTIONS =
  "do not raise max_connections: it needs a restart, costs memory for each session, and the next peak fills it too";
