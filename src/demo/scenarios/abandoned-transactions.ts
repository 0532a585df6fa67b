import type { Stage } from "../stage.ts";
import { shop } from "./applications.ts";

/** Transactions that somebody began and nobody ends. None of them stands in anybody's way; they hold snapshots, locks and slots. */
export function abandonedTransactions(stage: Stage): void {
  waitingForPayment(stage);
  aborted(stage);
  prepared(stage);
}

/** Talks to a payment provider inside its transaction. */
function waitingForPayment(stage: Stage): void {
  stage.resident(shop("checkout-api", "127.0.4.30"), async (session) => {
    for (;;) {
      await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await session.query("SELECT id, total FROM orders WHERE id = $1 FOR UPDATE", [4711]);
      await session.query("INSERT INTO payments VALUES (4711, 'stripe', 'pending') ON CONFLICT DO NOTHING");
      await stage.pause(90_000, 180_000);
      await session.query("COMMIT");
    }
  });
}

/** An error that the application swallowed: everything after it is refused until somebody rolls back. */
function aborted(stage: Stage): void {
  stage.resident(shop("invoice-service", "127.0.4.31"), async (session) => {
    await session.query("BEGIN");
    await session
      .query("INSERT INTO payments (order_id, provider, state) VALUES (1, 'paypal', 'captured')")
      .catch(() => {});
  });
}

/** A two-phase commit whose coordinator has forgotten it. No session holds it, so none can be ended. */
function prepared(stage: Stage): void {
  const forgetIt = async (): Promise<void> => {
    const session = await stage.connect(shop("xa-coordinator", "127.0.4.32"));
    await session.query("BEGIN");
    await session.query("INSERT INTO payments (order_id, provider, state) VALUES (815, 'sepa', 'prepared')");
    await session.query("PREPARE TRANSACTION 'sepa-batch-0815'");
    await session.close();
  };
  forgetIt().catch(() => {}); // no slot for it: there is enough to see without it
}
