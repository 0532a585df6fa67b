import type { Stage, Who } from "../stage.ts";
import * as errand from "./errands.ts";
import { pool } from "./pool.ts";

/** The shop on a good day: eight web servers, an API, workers, the dashboards of the management, a loader. */
export function applications(
  stage: Stage,
  { webConnections }: { readonly webConnections: (host: number) => number },
): void {
  for (let host = 0; host < WEB_HOSTS; host++) {
    pool(stage, web(host), {
      connections: webConnections(host),
      errands: [errand.orderHistory, errand.session, errand.session, errand.checkout],
      restMs: [3_000, 20_000],
    });
  }
  pool(stage, api(0), { connections: 2, errands: [errand.session, errand.orderHistory], restMs: [2_000, 8_000] });
  pool(stage, shop("worker", "127.0.5.20"), { connections: 2, errands: [errand.nextJob], restMs: [1_000, 5_000] });
  pool(stage, shop("event-writer", "127.0.5.21"), {
    connections: 2,
    errands: [errand.recordEvent, errand.recordEvent, errand.touchCustomer],
    restMs: [100, 500],
  });
  pool(stage, LOADER, { connections: 2, errands: [errand.loadSales], restMs: [3_000, 9_000] });
}

/** Business intelligence tools open as many connections as somebody has dashboards open; the role's limit is 10. */
export function metabase(stage: Stage, connections: number): void {
  pool(stage, METABASE, { connections, errands: [errand.revenueCard], restMs: [15_000, 60_000] });
}

/** Visitors who look at products: what stops when the table `products` is locked. */
export function visitors(stage: Stage, connections: number): void {
  for (let n = 0; n < connections; n++) {
    // Four of five come by a web server, the rest through the API.
    const who = n % 5 === 4 ? api(n % 2) : web(n % WEB_HOSTS);
    pool(stage, who, { connections: 1, errands: [errand.productPage], restMs: [500, 2_000] });
  }
}

export function shop(application: string, address: string | null): Who {
  return { application, role: "app", database: "shop", address };
}

export const METABASE: Who = { application: "metabase", role: "report", database: "shop", address: "127.0.9.5" };
const LOADER: Who = { application: "loader", role: "etl", database: "dwh", address: "127.0.7.2" };

const web = (host: number): Who => shop(`web-${host}`, `127.0.3.${10 + host}`);
const api = (host: number): Who => shop("api", `127.0.4.${10 + host}`);
const WEB_HOSTS = 8;
