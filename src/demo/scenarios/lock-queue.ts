import type { Stage } from "../stage.ts";
import { shop, visitors } from "./applications.ts";

/**
 * The classic: an import updates some rows, then waits for its next file with the transaction open. Behind it, everybody who wants one
 * of its rows waits, one behind the other. And a migration that wants the table for an instant waits too, and behind the
 * migration every reader of that table. Ending the import sets all free; a minute later its scheduler starts it again.
 */
export function lockQueue(stage: Stage): void {
  batchImport(stage);
  reservations(stage, CHAIN_DEPTH);
  migration(stage);
  visitors(stage, VISITORS);
}

function batchImport(stage: Stage): void {
  const life = async (session: { query(sql: string): Promise<unknown> }): Promise<void> => {
    await stage.pause(1_500);
    await session.query("BEGIN");
    await session.query(`UPDATE products
   SET price = round(price * 1.035, 2),
       updated_at = now()
 WHERE sku BETWEEN 'SKU-1500' AND 'SKU-1550' /* import: supplier_prices_2026-11.csv, chunk 3 of 41 */`);
    await session.query("UPDATE inventory SET available = available + 250 WHERE sku = 'SKU-1000'");
  };
  // No address: it runs on the database's own machine, from cron.
  stage.resident(shop("batch-import", null), life, { returnsAfterMs: 60_000 });
}

/** Each holds one row and wants the one before it: always downwards, so that they wait in a row and never in a circle. */
function reservations(stage: Stage, depth: number): void {
  for (let n = 1; n <= depth; n++) {
    stage.resident(shop(`checkout-${n}`, `127.0.6.${10 + n}`), async (session) => {
      for (;;) {
        await stage.pause(2_000, 3_000);
        await session.query("BEGIN");
        await session.query("UPDATE inventory SET reserved = reserved + 1 WHERE sku = $1", [`SKU-${1000 + n}`]);
        await session.query("UPDATE inventory SET reserved = reserved - 1 WHERE sku = $1", [`SKU-${999 + n}`]);
        await session.query("COMMIT");
      }
    });
  }
}

function migration(stage: Stage): void {
  stage.resident(shop("flyway", "127.0.8.3"), async (session) => {
    for (;;) {
      await stage.pause(4_000);
      await session.query("ALTER TABLE products ADD COLUMN IF NOT EXISTS vat_class text -- V42__vat_class.sql");
    }
  });
}

const CHAIN_DEPTH = 5;
const VISITORS = 30;
