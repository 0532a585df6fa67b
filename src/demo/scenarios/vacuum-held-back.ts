import type { Session, Stage, Who } from "../stage.ts";
import { shop } from "./applications.ts";

/**
 * Tables grow although autovacuum runs: an export keeps its snapshot, a two-phase commit was forgotten, a subscriber has gone and left its
 * slot. Beside them sessions idle in transaction that everybody suspects and that hold nothing back.
 */
export function vacuumHeldBack(stage: Stage): void {
  snapshotOfAnExport(stage);
  innocentReaders(stage);
  for (const forgotten of [forgottenPrepare, forgottenSlot]) forgotten(stage).catch(() => {});
  for (let n = 0; n < WRITERS; n++) writer(stage, n);
}

/** One snapshot for all tables, and then the network to the archive is slow. */
function snapshotOfAnExport(stage: Stage): void {
  stage.resident(shop("nightly-export", "127.0.13.7"), async (session) => {
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await session.query("SELECT id, customer_id, total FROM orders ORDER BY id LIMIT 1000 -- chunk 1 of 412");
    await stage.pause(3_600_000);
  });
}

/** READ COMMITTED, between two statements: no snapshot, no xid. */
function innocentReaders(stage: Stage): void {
  for (let n = 0; n < 2; n++) {
    stage.resident(shop("back-office", `127.0.13.${20 + n}`), async (session) => {
      await session.query("BEGIN");
      await session.query("SELECT id, status FROM orders WHERE status = 'new' ORDER BY id LIMIT 20");
      await stage.pause(3_600_000);
    });
  }
}

async function forgottenPrepare(stage: Stage): Promise<void> {
  const session = await stage.connect(shop("xa-coordinator", "127.0.4.32"));
  await session.query("BEGIN");
  await session.query("INSERT INTO payments (order_id, provider, state) VALUES (815, 'sepa', 'prepared')");
  await session.query("PREPARE TRANSACTION 'sepa-batch-0815'");
  await session.close();
}

async function forgottenSlot(stage: Stage): Promise<void> {
  const session = await stage.connect(SUBSCRIBER);
  await session.query("SELECT pg_create_logical_replication_slot('cdc_billing', 'pgoutput')");
  await session.close();
}

/** What turns rows into dead ones. */
function writer(stage: Stage, n: number): void {
  stage.resident(shop("price-sync", `127.0.13.${40 + n}`), async (session: Session) => {
    for (;;) {
      await session.query("UPDATE products SET updated_at = now() WHERE id % 7 = $1", [n]);
      await stage.pause(300, 900);
    }
  });
}

const SUBSCRIBER: Who = { application: "cdc-billing", role: "postgres", database: "shop", address: null };
const WRITERS = 3;
