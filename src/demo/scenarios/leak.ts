import type { Session, Stage } from "../stage.ts";
import { shop } from "./applications.ts";

/**
 * A worker that opens a connection for each job and never closes one, until no slot is left; then it keeps trying, as such workers do.
 * Terminating its sessions buys some minutes, ending the worker would end the leak.
 */
export function leak(stage: Stage, { perMinute }: { readonly perMinute: number }): void {
  void (async () => {
    const open = new Set<Session>();
    let refusals = 0;
    for (let job = 1; ; job++) {
      const everyMs = 60_000 / perMinute;
      await stage.pause(
        Math.min(everyMs * 2 ** refusals, LONGEST_WAIT_MS),
        Math.min(everyMs * 2 ** refusals, LONGEST_WAIT_MS) * 1.2,
      );
      if (open.size >= MOST) continue;
      try {
        const session = await stage.connect(shop("leaky-worker", "127.0.5.23"));
        refusals = 0;
        open.add(session);
        void session.ended.then(() => open.delete(session));
        await session.query(
          `SELECT j.id, j.customer_id, j.total
FROM orders j
WHERE j.id = ${job} AND j.status <> 'shipped' -- thumbnail job ${job}`,
        );
      } catch {
        refusals = Math.min(refusals + 1, 4);
      }
    }
  })();
}

const MOST = 90;
const LONGEST_WAIT_MS = 15_000;
