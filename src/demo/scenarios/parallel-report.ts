import type { Stage } from "../stage.ts";
import { METABASE } from "./applications.ts";

/** A report that keeps some parallel workers busy: processes without a slot, which end with their leader. */
export function parallelReport(stage: Stage): void {
  stage.resident(METABASE, async (session) => {
    // As if the table were large: the planner would do without workers otherwise.
    await session.query(
      "SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0",
    );
    for (;;) {
      await session.query(REPORT);
      await stage.pause(500);
    }
  });
}

/** The slow part stands in the WHERE clause: anywhere else, the leader has read all rows before its first worker is up. */
const REPORT = `-- Metabase:: userID: 3 queryType: native queryHash: 90e4d2 (Logistics, monthly)
SELECT date_trunc('month', o.created_at) AS month,
       o.status,
       count(*) AS parcels,
       sum(o.total) AS revenue
FROM orders o
WHERE o.created_at > now() - interval '2 years'
  AND shipping_estimate(o.id) > 9.5
GROUP BY 1, 2
ORDER BY 1, 2`;
