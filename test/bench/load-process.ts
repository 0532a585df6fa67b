// A process of its own (see load.ts): opens sessions on the server at HOST PORT as its parent orders.
import pg from "pg";

export type LoadOrder = { readonly sessions: number } | { readonly perSecond: number };

export interface LoadReport {
  readonly error: string | null;
}

const BATCH = 20;
const STEPS_PER_SECOND = 20;

const [host = "", port = ""] = process.argv.slice(2);
const idle: pg.Client[] = [];
let opened = 0;
let perSecond = 0;
let next = 0;

process.on("message", (order: LoadOrder) => {
  const report = (error: string | null): void => void process.send?.({ error } satisfies LoadReport);
  obey(order).then(
    () => report(null),
    (error: unknown) => report(String(error)),
  );
});
process.on("disconnect", () => process.exit(0));
setInterval(changeSome, 1_000 / STEPS_PER_SECOND);

async function obey(order: LoadOrder): Promise<void> {
  if ("perSecond" in order) {
    perSecond = order.perSecond;
    return;
  }
  if (opened === 0) opened += await openBusy();
  while (opened < order.sessions) {
    const batch = Math.min(BATCH, order.sessions - opened);
    idle.push(...(await Promise.all(Array.from({ length: batch }, (_, i) => open(`web-${i % 12}`)))));
    opened += batch;
  }
}

/** What makes a server worth looking at: ten at work, five idle in a transaction, and four who wait for the first of those. */
async function openBusy(): Promise<number> {
  for (let i = 0; i < 10; i++) void (await open("report")).query("select pg_sleep(86400)").catch(() => {});
  const [holder, ...others] = await Promise.all(Array.from({ length: 5 }, () => open("batch-import")));
  await holder?.query("create table contended (id int)");
  await holder?.query("begin; lock table contended in access exclusive mode");
  for (const session of others) await session.query("begin; select 1");
  for (let i = 0; i < 4; i++) void (await open("api")).query("insert into contended values (1)").catch(() => {});
  return 10 + 5 + 4;
}

async function open(application: string): Promise<pg.Client> {
  const session = new pg.Client({
    host,
    port: Number(port),
    user: "postgres",
    database: "postgres",
    application_name: application,
  });
  session.on("error", () => {});
  await session.connect();
  await session.query("select 'the last statement of an idle session', $1::text", [application]);
  return session;
}

/** Spread over the second, as requests come, not in one burst. */
function changeSome(): void {
  for (let i = 0; i < Math.round(perSecond / STEPS_PER_SECOND); i++) {
    next = (next + 1) % Math.max(1, idle.length);
    idle[next]?.query("select now()").catch(() => {});
  }
}
