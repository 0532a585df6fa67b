import type { Stage } from "../stage.ts";
import { shop } from "./applications.ts";
import * as errand from "./errands.ts";
import { pool } from "./pool.ts";

/**
 * Nobody leaks and nobody hangs: each of eight servers keeps eight connections because somebody once wrote so, and two or three of all of them
 * are ever at work. Most of them were used once, in the hour of the deploy.
 */
export function oversizedPools(stage: Stage): void {
  for (let host = 0; host < HOSTS; host++) {
    pool(stage, shop("orders-service", `127.0.12.${10 + host}`), {
      connections: POOL_SIZE,
      errands: [errand.orderHistory, errand.session],
      restMs: [120_000, 600_000],
    });
  }
}

const HOSTS = 8;
const POOL_SIZE = 8;
