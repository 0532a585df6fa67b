import type { Session, Stage } from "../stage.ts";
import { shop } from "./applications.ts";

/** A fleet without a pooler that was restarted: it connects all at once, every twenty seconds, until it is refused. */
export function reconnectStorm(stage: Stage): void {
  void (async () => {
    for (;;) {
      const arrivals = await Promise.allSettled(Array.from({ length: FLEET }, (_, n) => arrive(stage, n)));
      await stage.pause(STAY_MS);
      await Promise.allSettled(
        arrivals.map(async (arrival) => arrival.status === "fulfilled" && arrival.value.close()),
      );
      await stage.pause(QUIET_MS);
    }
  })();
}

async function arrive(stage: Stage, n: number): Promise<Session> {
  await stage.pause(0, 1_500);
  const session = await stage.connect(shop("lambda-thumbnails", `127.0.11.${10 + (n % 40)}`));
  await session
    .query("SELECT id, customer_id FROM orders WHERE status = 'new' ORDER BY created_at LIMIT 1")
    .catch(() => {});
  return session;
}

/** More than any slots that are left, and the same every time. */
const FLEET = 90;
const QUIET_MS = 10_000;
const STAY_MS = 8_500;
