import type { Stage, Who } from "../stage.ts";
import { shop } from "./applications.ts";

/**
 * What an engineer finds who comes late: a leak has taken all the app slots, and exporters that somebody has given a superuser's role
 * have taken the reserves. No role gets in by a connection slot.
 */
export function lockout(stage: Stage): void {
  void holdAll(
    stage,
    shop("leaky-worker", "127.0.5.23"),
    "SELECT id FROM orders WHERE status = 'new' LIMIT 1 -- thumbnail job",
  );
  void holdAll(stage, EXPORTER, "SELECT count(*) FROM pg_stat_activity");
}

/** As many as there are to have. What is lost to somebody who ends it is taken again, but not at once. */
async function holdAll(stage: Stage, who: Who, sql: string): Promise<void> {
  for (let n = 0; n < MOST; n++) {
    try {
      const session = await stage.connect(who);
      await session.query(sql);
    } catch {
      await stage.pause(REFUSED_MS, REFUSED_MS * 1.5);
    }
  }
}

const EXPORTER: Who = { application: "pg-exporter", role: "postgres", database: "shop", address: null };
/** More than a demo lasts. */
const MOST = 10_000;
const REFUSED_MS = 20_000;
