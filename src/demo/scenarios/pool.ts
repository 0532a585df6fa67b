import type { Session, Stage, Who } from "../stage.ts";

/** One thing that an application does now and then. Its statements are one transaction if they are several. */
export type Errand = () => readonly { readonly sql: string; readonly values?: readonly unknown[] }[];

/** A pool as applications keep it: a fixed number of connections, idle most of the time. */
export function pool(
  stage: Stage,
  who: Who,
  options: {
    readonly connections: number;
    readonly errands: readonly Errand[];
    readonly restMs: readonly [number, number];
  },
): void {
  const { connections, errands, restMs } = options;
  for (let n = 0; n < connections; n++) stage.resident(who, (session) => work(stage, session, errands, restMs));
}

async function work(
  stage: Stage,
  session: Session,
  errands: readonly Errand[],
  [least, most]: readonly [number, number],
): Promise<never> {
  for (;;) {
    const errand = errands[Math.floor(Math.random() * errands.length)];
    const statements = errand?.() ?? [];
    if (statements.length > 1) await session.query("BEGIN");
    for (const { sql, values } of statements) await session.query(sql, values);
    if (statements.length > 1) await session.query("COMMIT");
    await stage.pause(least, most);
  }
}
