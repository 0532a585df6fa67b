import type { Stage, Who } from "../stage.ts";
import { shop } from "./applications.ts";

/**
 * What an engineer finds who comes late: a leak has taken all the app slots, and exporters that somebody has given a superuser's role
 * have taken the reserves. No role gets in by a connection slot.
 */
export function lockout(stage: Stage): void {
  void (async () => {
    for (;;) {
      await hold(stage, LEAKY, "SELECT id FROM orders WHERE status = 'new' LIMIT 1 -- thumbnail job");
      await hold(stage, EXPORTER, "SELECT count(*) FROM pg_stat_activity");
      // What somebody frees is taken again, but not at once.
      await stage.pause(20_000, 30_000);
    }
  })();
}

/** As many sessions as there are to have. */
async function hold(stage: Stage, who: Who, sql: string): Promise<void> {
  try {
    for (;;) {
      const session = await stage.connect(who);
      // One that is ended is the leak's loss.
      session.query(sql).catch(() => {});
    }
  } catch {
    // Refused.
  }
}

const LEAKY = shop("leaky-worker", "127.0.5.23");
const EXPORTER: Who = { application: "pg-exporter", role: "postgres", database: "shop", address: null };
