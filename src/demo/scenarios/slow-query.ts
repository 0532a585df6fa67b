import type { Stage } from "../stage.ts";
import { shop } from "./applications.ts";

/** Since the last deploy one page asks for an estimate of every order, not of one: each visitor's query takes minutes, and they pile up. */
export function slowQuery(stage: Stage): void {
  for (let n = 0; n < VISITORS; n++) {
    stage.resident(shop(`web-${n % 8}`, `127.0.3.${10 + (n % 8)}`), async (session) => {
      for (;;) {
        await stage.pause(500, 8_000);
        await session.query(
          `SELECT max(shipping_estimate(o.id))
  FROM orders o
 WHERE o.customer_id > $1 /*application:web,controller:shipping,action:quote*/`,
          [n],
        );
      }
    });
  }
}

const VISITORS = 14;
