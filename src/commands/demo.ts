import type { ScenarioName } from "../demo/index.ts";
import { conninfo } from "../connection/conninfo.ts";
import { dashboard, requireTerminal } from "./dashboard.ts";
import type { DashboardOptions } from "./options.ts";
import { FailedError } from "./snapshot.ts";

/** A real PostgreSQL with an incident on it, and the dashboard on top; both end together. */
export async function demo(scenario: ScenarioName, options: DashboardOptions): Promise<void> {
  requireTerminal();
  const { startDemo } = await import("../demo/index.ts");
  const started = await startDemo({ scenario, onProgress: (sentence) => process.stderr.write(`${sentence}\n`) }).catch(
    (error: unknown) => {
      throw new FailedError(error instanceof Error ? error.message : String(error), { cause: error });
    },
  );
  const { host, port, user, database } = started;
  // The demo has its own address: whatever PG* variables say is about some other server.
  const to = conninfo(undefined, { host, port, username: user, dbname: database }, {});
  await dashboard(to, options, () => started.stop());
}
