import type { FetchProgress } from "./postgres/binaries.ts";
import type { DemoConnection } from "./server.ts";
import { DEMO_CONNECTION, launchDemoServer } from "./server.ts";
import { untilFull } from "./until-full.ts";
import { SCENARIOS, type Scenario, type ScenarioName } from "./scenarios/index.ts";
import { startWorkload } from "./workload.ts";

export type { ScenarioName } from "./scenarios/index.ts";
export { SCENARIOS } from "./scenarios/index.ts";

export interface Demo extends DemoConnection {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  /** Ends the workload and the server and removes its directory. May be called twice. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL with an incident on it. Returns as soon as there is something to connect to; the incident builds up under
 * the eyes of whoever watches.
 */
export async function startDemo(options: {
  readonly scenario: ScenarioName;
  readonly onProgress?: (sentence: string) => void;
  /** Where PostgreSQL has to be fetched first: bytes, again and again. */
  readonly onFetch?: (progress: FetchProgress) => void;
}): Promise<Demo> {
  const say = options.onProgress ?? ((): void => {});
  const server = await launchDemoServer(say, options.onFetch ?? ((): void => {}));
  const workload = startWorkload(options.scenario, server, say);
  const scenario: Scenario = SCENARIOS[options.scenario];
  try {
    if (scenario.comesLate === true) await untilFull(server, say);
  } catch (error) {
    workload.stop();
    await server.stop();
    throw error;
  }
  let stopped: Promise<void> | undefined;
  return {
    ...DEMO_CONNECTION,
    // The socket: it stays reachable whatever the workload does to the network, and costs least.
    host: server.socketDir,
    port: server.port,
    version: server.version,
    stop: () => (stopped ??= stop()),
  };

  async function stop(): Promise<void> {
    workload.stop();
    await server.stop();
  }
}
